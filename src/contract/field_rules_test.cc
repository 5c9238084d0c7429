#include "contract/field_rules.h"

#include <gtest/gtest.h>

#include <array>

namespace millrace {
namespace {

using enum RejectCode;

struct FieldRulesTest : ::testing::Test {
  ColumnContract column(TypeKind kind) {
    ColumnContract c;
    c.name = "c";
    c.type = {kind, 10, 2};
    if (kind == TypeKind::date) c.format = TimeFormat::iso_date();
    if (kind == TypeKind::timestamp) c.format = TimeFormat::iso_timestamp();
    return c;
  }
  // Not inlined: gcc 12 warns at -O3 of reads behind the literal that the checked length rules out.
  [[gnu::noinline]] RejectCode write(const ColumnContract& c, std::string_view text, bool quoted = false) {
    flags.clear();
    valid = {~0ULL};
    out = {values.data(), valid.data(), false};
    return write_field(c, {text, quoted}, now_us, out, 0, flags);
  }
  std::array<StringCell, 1> values{};
  std::array<std::uint64_t, 1> valid{};
  ColumnBuffer out;
  FlagSet flags;
  std::int64_t now_us = 0;  // 1970-01-01
};

TEST_F(FieldRulesTest, an_empty_field_is_null_and_a_quoted_one_is_the_empty_string_of_a_text_column) {
  EXPECT_EQ(write(column(TypeKind::text), ""), none);
  EXPECT_TRUE(out.has_nulls);
  EXPECT_EQ(write(column(TypeKind::text), "", true), none);
  EXPECT_FALSE(out.has_nulls);
  EXPECT_EQ(write(column(TypeKind::int64), "", true), none);
  EXPECT_TRUE(out.has_nulls);
}

TEST_F(FieldRulesTest, a_required_column_refuses_an_empty_field) {
  ColumnContract c = column(TypeKind::int64);
  c.required = true;

  EXPECT_EQ(write(c, ""), missing_value);
  EXPECT_EQ(reason_of(c, {"", false}, missing_value), "c: found nothing, expected a value");
}

TEST_F(FieldRulesTest, a_value_outside_the_list_is_rejected_or_flagged_by_severity) {
  ColumnContract c = column(TypeKind::text);
  c.accepted.emplace(std::vector<std::string>{"PAID", "EXPIRED"}, Severity::error);

  EXPECT_EQ(write(c, "EXPRIED"), not_accepted);
  EXPECT_EQ(reason_of(c, {"EXPRIED", false}, not_accepted),
            "c: found \"EXPRIED\", expected one of the 2 accepted values, perhaps EXPIRED");

  c.accepted->severity = Severity::warning;
  EXPECT_EQ(write(c, "EXPRIED"), none);
  EXPECT_TRUE(flags.contains(not_accepted));
  EXPECT_EQ(values[0].view(), "EXPRIED") << "a flagged value is loaded as it is";
}

TEST_F(FieldRulesTest, a_time_after_the_load_is_flagged_but_not_one_that_is_today_somewhere) {
  ColumnContract c = column(TypeKind::timestamp);
  c.not_in_future = Severity::warning;

  EXPECT_EQ(write(c, "1970-01-01 13:59:59"), none);
  EXPECT_TRUE(flags.empty());
  EXPECT_EQ(write(c, "2042-10-17 14:29:05"), none);
  EXPECT_TRUE(flags.contains(in_the_future));
}

TEST_F(FieldRulesTest, decimals_are_stored_in_the_width_of_their_precision) {
  ColumnContract c = column(TypeKind::decimal);
  c.type.precision = 4;

  EXPECT_EQ(write(c, "-12.34"), none);
  EXPECT_EQ(*reinterpret_cast<const std::int16_t*>(values.data()), -1234);
}

TEST_F(FieldRulesTest, the_quick_ways_of_plain_columns_leave_what_is_worth_a_word) {
  std::int64_t value = 0;
  EXPECT_TRUE(plain_integer("70", value));
  EXPECT_EQ(value, 70);
  for (const char* text : {"007", "-0", "0", "x"}) EXPECT_FALSE(plain_integer(text, value)) << text;
  EXPECT_TRUE(plain_time(TimeFormat::iso_timestamp(), "2018-07-12 00:00:00", value));
  EXPECT_FALSE(plain_time(TimeFormat::iso_timestamp(), "2018-07-12", value));

  ColumnContract c = column(TypeKind::int64);
  EXPECT_FALSE(c.is_plain()) << "nobody has decided yet";
  c.settle();
  EXPECT_TRUE(c.is_plain());
  c.flag_nulls = true;
  c.settle();
  EXPECT_FALSE(c.is_plain());
  EXPECT_TRUE(c.read_plainly);
}

TEST_F(FieldRulesTest, control_characters_of_data_are_shown_escaped) {
  EXPECT_EQ(reason_of(column(TypeKind::int64), {"1\x1b[2J", false}, bad_integer),
            "c: found \"1\\x1b[2J\", expected a whole number");
}

}  // namespace
}  // namespace millrace
