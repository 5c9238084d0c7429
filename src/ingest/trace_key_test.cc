#include "ingest/trace_key.h"

#include <gtest/gtest.h>

#include "contract/contract_for_tests.h"

namespace millrace::ingest {
namespace {

KeyPart part(std::string_view keys, std::string text) {
  return {parse_contract(one_column(keys), "c.yaml")->columns.at(0), std::move(text)};
}

bool says(const KeyPart& key, std::string text, bool quoted = false) {
  lake::RecordFields::Found field;
  field.text = std::move(text);
  field.quoted = quoted;
  return key.matches(field);
}

TEST(KeyPart, numbers_are_compared_by_value_and_texts_as_they_are) {
  const KeyPart number = part("logicalType: integer", "7");
  EXPECT_TRUE(says(number, "7"));
  EXPECT_TRUE(says(number, "007"));
  EXPECT_TRUE(says(number, "7", true));
  EXPECT_FALSE(says(number, "17"));
  EXPECT_FALSE(says(number, "7.5"));
  EXPECT_FALSE(says(number, "x7"));
  EXPECT_TRUE(says(part("logicalType: integer", "007"), "7"));
  EXPECT_TRUE(says(part("logicalType: integer, logicalTypeOptions: {minimum: 10}", "7"), "7"))
      << "a broken rule, still 7";

  EXPECT_TRUE(says(part("logicalType: string", "007"), "007"));
  EXPECT_FALSE(says(part("logicalType: string", "007"), "7"));
  EXPECT_FALSE(says(part("logicalType: string", "7"), "007"));
}

TEST(KeyPart, a_value_may_be_asked_for_as_the_contract_writes_it_or_in_the_standard_way) {
  constexpr const char* kDay = "logicalType: date, logicalTypeOptions: {format: dd/MM/yyyy}";
  EXPECT_TRUE(says(part(kDay, "2018-02-03"), "03/02/2018"));
  EXPECT_TRUE(says(part(kDay, "03/02/2018"), "03/02/2018"));
  EXPECT_FALSE(says(part(kDay, "2018-03-02"), "03/02/2018"));
  constexpr const char* kPrice = "logicalType: number, physicalType: \"decimal(9,2)\"";
  EXPECT_TRUE(says(part(kPrice, "1.5"), "1.50"));
  EXPECT_FALSE(part(kPrice, "1.555").is_value());
  EXPECT_FALSE(part("logicalType: integer", "1.5").is_value()) << "nothing is rounded";
  EXPECT_FALSE(part("logicalType: integer", "1e3").is_value());
}

TEST(KeyPart, nothing_asks_for_rows_without_the_value) {
  const KeyPart none = part("logicalType: integer", "");
  EXPECT_TRUE(none.asks_for_null());
  EXPECT_TRUE(none.is_value());
  EXPECT_TRUE(says(none, ""));
  EXPECT_FALSE(says(none, "0"));
  EXPECT_FALSE(says(part("logicalType: integer", "0"), ""));
  EXPECT_TRUE(says(part("logicalType: string", ""), "", true));
}

TEST(KeyPart, in_a_broken_record_it_stands_by_itself) {
  const KeyPart number = part("logicalType: integer", "7");
  EXPECT_TRUE(number.stands_in("1,7,\"x"));
  EXPECT_TRUE(number.stands_in("007,\"x"));
  EXPECT_FALSE(number.stands_in("17,70,x7,\"x"));
  EXPECT_TRUE(part("logicalType: string", "a b").stands_in("x,a b,\""));
  EXPECT_FALSE(part("logicalType: string", "a b").stands_in("xa b,\""));
}

TEST(KeyPart, its_needle_is_in_every_record_that_says_it) {
  EXPECT_EQ(part("logicalType: integer", "0070").needle(), "70");
  EXPECT_EQ(part("logicalType: integer", "-70").needle(), "70");
  EXPECT_EQ(part("logicalType: integer", "0").needle(), "0");
  EXPECT_EQ(part("logicalType: string", "a \"bcd\" e").needle(), "bcd");
  EXPECT_EQ(part("logicalType: string", "\xc3\xa9").needle(), "");
  EXPECT_EQ(part("logicalType: date", "2018-02-03").needle(), "");
}

}  // namespace
}  // namespace millrace::ingest
