#include "contract/reject.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace millrace {
namespace {

TEST(Reject, every_code_has_its_own_name_meaning_and_hint_in_the_order_of_the_enumeration) {
  std::set<std::string_view> names;
  std::set<int> numbers;
  std::size_t i = 0;
  for (const RejectMeaning& m : reject_meanings()) {
    EXPECT_EQ(static_cast<std::size_t>(m.code), ++i) << m.name;
    EXPECT_EQ(&meaning_of(m.code), &m);
    EXPECT_TRUE(names.insert(m.name).second) << m.name;
    EXPECT_TRUE(numbers.insert(m.number).second) << m.name;
    EXPECT_EQ(m.number / 100, 1 + static_cast<int>(m.scope)) << m.name;
    EXPECT_TRUE(m.meaning.ends_with('.')) << m.name;
    EXPECT_FALSE(m.hint.empty()) << m.name;
    EXPECT_FALSE(m.example.empty()) << m.name;
    EXPECT_EQ(find_meaning(m.name), &m);
    EXPECT_EQ(find_meaning(number_of(m)), &m);
  }
  EXPECT_EQ(i + 1, kRejectCodes) << "a code has no meaning yet";
}

TEST(Reject, a_code_is_found_by_its_name_and_number_in_any_case) {
  EXPECT_EQ(find_meaning("mr0113")->name, "bad_date");
  EXPECT_EQ(find_meaning("113")->name, "bad_date");
  EXPECT_EQ(find_meaning("Bad_Date")->number, 113);
  EXPECT_EQ(find_meaning("MR0999"), nullptr);
  EXPECT_EQ(find_meaning(""), nullptr);
}

TEST(Reject, a_set_of_flags_gives_its_codes_in_order) {
  FlagSet flags;
  EXPECT_TRUE(flags.empty());
  flags.add(RejectCode::no_records);
  flags.add(RejectCode::leading_zeros);
  FlagSet other;
  other.add(RejectCode::minus_zero);
  flags.add(other);
  std::vector<RejectCode> seen;
  for (const RejectCode code : flags) seen.push_back(code);
  EXPECT_EQ(seen, (std::vector{RejectCode::leading_zeros, RejectCode::minus_zero, RejectCode::no_records}));
  EXPECT_FALSE(flags.contains(RejectCode::date_only));
  flags.clear();
  EXPECT_EQ(flags, FlagSet{});
}

}  // namespace
}  // namespace millrace
