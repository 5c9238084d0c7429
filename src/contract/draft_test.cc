#include "contract/draft.h"

#include <gtest/gtest.h>

namespace millrace {
namespace {

constexpr std::int64_t kNow = 1'700'000'000'000'000;  // 2023-11-14

using Texts = std::vector<std::string>;

/// The contract that is drafted for one column of these values, as it is read back.
struct Drafted {
  std::string yaml;
  Contract contract;
  const ColumnContract& column() const { return contract.columns.at(0); }
};

Drafted drafted(const std::string& name, const Texts& values) {
  ContractDraft draft("t", "t.csv", {name}, kNow);
  for (const std::string& v : values) draft.columns()[0].add({v, false});
  Drafted out{draft.yaml(), {}};
  auto parsed = parse_contract(out.yaml, "draft.yaml");
  EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().message) << "\n" << out.yaml;
  if (parsed) out.contract = *std::move(parsed);
  return out;
}
TypeKind kind_of(const Texts& values) { return drafted("c", values).column().type.kind; }
std::string format_of(const Texts& values) {
  const Drafted d = drafted("c", values);
  return d.column().format ? d.column().format->pattern() : "none\n" + d.yaml;
}

TEST(Draft, a_type_is_proposed_only_where_every_value_is_of_it) {
  EXPECT_EQ(kind_of({"1", "-20", "300"}), TypeKind::int64);
  EXPECT_EQ(kind_of({"1", "2", "x"}), TypeKind::text);
  EXPECT_EQ(kind_of({"01", "2"}), TypeKind::text) << "zeros would be lost";
  EXPECT_EQ(kind_of({"9223372036854775808"}), TypeKind::decimal);
  EXPECT_EQ(kind_of({"true", "FALSE"}), TypeKind::boolean);
  EXPECT_EQ(kind_of({"yes", "no"}), TypeKind::text);
  EXPECT_EQ(kind_of({"1.5e3", "2"}), TypeKind::float64);
  EXPECT_EQ(kind_of({"", ""}), TypeKind::text);
  EXPECT_EQ(kind_of({"1,5"}), TypeKind::text);
  EXPECT_EQ(drafted("c", {"1.5", "20", "-3.125"}).column().type, (ColumnType{TypeKind::decimal, 18, 3}));
  EXPECT_EQ(drafted("c", {"12345678901234567890.5"}).column().type, (ColumnType{TypeKind::decimal, 38, 1}));
}

TEST(Draft, the_format_of_times_fits_all_values_and_is_the_strictest_that_does) {
  EXPECT_EQ(format_of({"2018-07-12", "2016-02-29"}), "yyyy-MM-dd");
  EXPECT_EQ(format_of({"2018-07-12", "2016-2-9"}), "yyyy-M-d");
  EXPECT_EQ(format_of({"2018-07-12 17:33:04.000", "2016-2-12 09:53:48.000"}), "yyyy-M-d HH:mm:ss[.SSS]");
  EXPECT_EQ(format_of({"2018-07-12T17:33:04", "2016-02-12T09:53:48"}), "yyyy-MM-dd'T'HH:mm:ss");
  EXPECT_EQ(format_of({"2018-07-12 17:33:04", "2016-02-12 09:53:48.123456"}), "yyyy-MM-dd HH:mm:ss[.SSSSSS]");
  EXPECT_EQ(format_of({"31/12/2018", "01/02/2018"}), "dd/MM/yyyy");
  EXPECT_EQ(format_of({"12/31/2018", "01/02/2018"}), "MM/dd/yyyy");
  EXPECT_EQ(format_of({"31.12.2018 9:05"}), "dd.MM.yyyy H:mm");
  EXPECT_EQ(kind_of({"2018-07-12T17:33:04Z", "2018-07-12 17:33:04+03:00"}), TypeKind::timestamptz);
  EXPECT_EQ(kind_of({"2018-02-30"}), TypeKind::text);
}

TEST(Draft, an_ambiguous_date_is_left_to_a_person) {
  const Drafted d = drafted("c", {"01/02/2018", "03/04/2018"});
  EXPECT_EQ(d.column().type.kind, TypeKind::text);
  EXPECT_NE(d.yaml.find("# every value fits dd/MM/yyyy and others"), std::string::npos) << d.yaml;
}

TEST(Draft, few_times_in_the_future_are_flagged_and_many_are_usual) {
  Texts orders(40, "2018-07-12");
  orders.push_back("2042-10-17");
  const Drafted few = drafted("order_date", orders);
  EXPECT_EQ(few.column().not_in_future, Severity::warning);
  EXPECT_NE(few.yaml.find("# 1 of 41 values lies in the future"), std::string::npos) << few.yaml;
  EXPECT_FALSE(drafted("due", {"2042-10-17", "2018-07-12"}).column().not_in_future);
}

TEST(Draft, a_short_list_of_values_becomes_a_warning_without_its_slips) {
  Texts status(25, "EXPIRED");
  status.insert(status.end(), 25, "USED");
  status.push_back("EXPRIED");
  const Drafted d = drafted("status", status);
  ASSERT_TRUE(d.column().accepted) << d.yaml;
  EXPECT_EQ(d.column().accepted->values, (Texts{"EXPIRED", "USED"}));
  EXPECT_EQ(d.column().accepted->severity, Severity::warning);
  EXPECT_NE(d.yaml.find("# left out: EXPRIED (1), it looks like a slip of EXPIRED"), std::string::npos) << d.yaml;

  Texts names;
  for (int i = 0; i < 100; ++i) names.push_back("name " + std::to_string(i));
  EXPECT_FALSE(drafted("name", names).column().accepted);
}

TEST(Draft, the_key_is_the_first_identifier_whose_values_differ) {
  ContractDraft draft("t", "t.csv", {"at", "customer_id", "order_id", "payment_id"}, kNow);
  for (int i = 0; i < 50; ++i) {
    draft.columns()[0].add({"2018-07-12 10:00:" + std::to_string(10 + i), false});
    draft.columns()[1].add({std::to_string(i % 7), false});
    draft.columns()[2].add({std::to_string(1000 + i), false});
    draft.columns()[3].add({i == 3 ? "" : std::to_string(i), false});
  }
  const auto c = parse_contract(draft.yaml(), "draft.yaml");
  ASSERT_TRUE(c) << c.error().message;
  EXPECT_EQ(c->primary_key, (std::vector<std::size_t>{2}));
  EXPECT_TRUE(c->columns[2].unique);
  EXPECT_TRUE(c->columns[1].required);
  EXPECT_FALSE(c->columns[3].required);
  EXPECT_FALSE(c->columns[3].unique) << "another promise than the key's is a person's to give";
}

TEST(Draft, names_and_values_of_any_kind_are_written_so_that_they_are_read_back) {
  const std::string name = "a: \"b\" #c\n- {x}";
  Texts values;
  for (const char* v : {"yes", "null", "1: 2", "#", "'", "\"", "a\\b", "é", " x "})
    for (int i = 0; i < 10; ++i) values.emplace_back(v);
  const Drafted d = drafted(name, values);
  EXPECT_EQ(d.column().name, name);
  ASSERT_TRUE(d.column().accepted) << d.yaml;
  for (const std::string& v : values) EXPECT_TRUE(d.column().accepted->contains(StringCell::of(v))) << v;
}

}  // namespace
}  // namespace millrace
