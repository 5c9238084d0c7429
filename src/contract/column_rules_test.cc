#include "contract/column_rules.h"

#include <gtest/gtest.h>

#include <cmath>

#include "contract/contract_for_tests.h"

namespace millrace {
namespace {

using enum RejectCode;

TEST(ColumnRules, integers_are_stored_and_ranged_by_their_width) {
  for (const auto& [format, most, too_much] : {std::tuple{"i8", "127", "128"},
                                               {"i16", "-32768", "-32769"},
                                               {"i32", "2147483647", "2147483648"},
                                               {"i64", "9223372036854775807", "9223372036854775808"}}) {
    ColumnProbe n("logicalType: integer, logicalTypeOptions: {format: " + std::string(format) + "}");
    EXPECT_EQ(n.write(most), none) << format;
    EXPECT_EQ(std::to_string(n.number()), most) << format;
    EXPECT_EQ(n.write(too_much), bad_integer) << format;
  }
  EXPECT_EQ(ColumnProbe("logicalType: integer, logicalTypeOptions: {format: i32}").column().type.kind, TypeKind::int32);
}

TEST(ColumnRules, leading_zeros_and_minus_zero_are_loaded_and_flagged) {
  ColumnProbe n("logicalType: integer");
  EXPECT_EQ(n.write("007"), none);
  EXPECT_EQ(n.number(), 7);
  EXPECT_TRUE(n.flags.contains(leading_zeros));
  EXPECT_EQ(n.reason(leading_zeros), "c: found \"007\", loaded without its leading zeros");
  EXPECT_EQ(n.write("-0"), none);
  EXPECT_EQ(n.number(), 0);
  EXPECT_TRUE(n.flags.contains(minus_zero) && !n.flags.contains(leading_zeros));
  EXPECT_EQ(n.write("-00"), none);
  EXPECT_TRUE(n.flags.contains(minus_zero) && n.flags.contains(leading_zeros)) << "several flags at once";
  for (const char* text : {"0", "-7", "10"}) {
    EXPECT_EQ(n.write(text), none);
    EXPECT_TRUE(n.flags.empty()) << text;
  }
  ColumnProbe real("logicalType: number"), money("logicalType: number, physicalType: 'decimal(5,2)'");
  for (ColumnProbe* probe : {&real, &money}) {
    EXPECT_EQ(probe->write("-0.00"), none);
    EXPECT_TRUE(probe->flags.contains(minus_zero));
  }
  EXPECT_FALSE(std::signbit(real.real()));
}

TEST(ColumnRules, what_only_looks_like_a_number_is_refused) {
  ColumnProbe n("logicalType: integer"), x("logicalType: number"),
      d("logicalType: number, physicalType: 'decimal(18,2)'");
  for (const char* text : {"+1", "1e3", "1.23E+15", "0x10", "1_000", "0b11", "١٢", "１２", " 1", "1.0", "1.5", "TRUE"})
    EXPECT_EQ(n.write(text), bad_integer) << text;
  EXPECT_EQ(n.write("1.23E+15"), bad_integer);
  EXPECT_EQ(n.reason(bad_integer), "c: found \"1.23E+15\", expected a whole number; perhaps shortened by Excel");
  for (const char* text : {"NaN", "nan", "Infinity", "-inf", "1e400", "-1e400", "1e-310", "1e-400", "0x1p3", "+1.5"})
    EXPECT_EQ(x.write(text), bad_number) << text;
  for (const char* text : {"9.999", "1e2", "NaN", "12345678901234567.00", "+1"}) EXPECT_EQ(d.write(text), bad_decimal);
}

TEST(ColumnRules, decimals_have_up_to_38_digits) {
  ColumnProbe d("logicalType: number, physicalType: 'decimal(38,10)'");
  EXPECT_EQ(d.write("-1234567890123456789012345678.0123456789"), none);
  Int128 want = 1234567890123456789;
  want = want * 10'000'000'000 + 123456780;
  want = want * 1'000'000'000 + 123456789;
  EXPECT_EQ(d.write("1234567890123456789.0123456789"), none);
  EXPECT_TRUE(d.wide() == static_cast<Int128>(1234567890123456789) * 10'000'000'000 + 123456789);
  EXPECT_EQ(d.write("12345678901234567890123456789.0"), bad_decimal);
  EXPECT_EQ(d.write("0.01234567891"), bad_decimal);
}

TEST(ColumnRules, numbers_stay_within_their_bounds) {
  ColumnProbe n("logicalType: integer, logicalTypeOptions: {minimum: 1, exclusiveMaximum: 10}");
  for (const char* text : {"1", "9"}) EXPECT_EQ(n.write(text), none) << text;
  for (const char* text : {"0", "10", "-5"}) EXPECT_EQ(n.write(text), out_of_range) << text;
  EXPECT_EQ(n.reason(out_of_range), "c: found \"-5\", expected a value at least 1 and below 10");

  ColumnProbe x("logicalType: number, logicalTypeOptions: {exclusiveMinimum: 0, maximum: 0.5}");
  for (const char* text : {"1e-300", "0.5"}) EXPECT_EQ(x.write(text), none) << text;
  for (const char* text : {"0", "-0", "0.5000001"}) EXPECT_EQ(x.write(text), out_of_range) << text;

  ColumnProbe d(
      "logicalType: number, physicalType: 'decimal(30,2)', logicalTypeOptions: {minimum: 0, maximum: "
      "1234567890123456789012.34, multipleOf: 0.05}");
  for (const char* text : {"0", "0.05", "1234567890123456789012.30"}) EXPECT_EQ(d.write(text), none) << text;
  for (const char* text : {"-0.05", "0.04", "1234567890123456789012.35"})
    EXPECT_EQ(d.write(text), out_of_range) << text;

  ColumnProbe step("logicalType: integer, logicalTypeOptions: {multipleOf: 5}");
  EXPECT_EQ(step.write("-15"), none);
  EXPECT_EQ(step.write("7"), out_of_range);
}

TEST(ColumnRules, dates_and_times_stay_within_their_bounds) {
  ColumnProbe day(
      "logicalType: date, logicalTypeOptions: {format: dd/MM/yyyy, minimum: 2014-01-01, maximum: 2014-12-31}");
  EXPECT_EQ(day.write("31/12/2014"), none);
  EXPECT_EQ(day.write("01/01/2015"), out_of_range);
  ColumnProbe at("logicalType: timestamp, logicalTypeOptions: {exclusiveMaximum: '2014-01-01 00:00:00'}");
  EXPECT_EQ(at.write("2013-12-31 23:59:59.999999"), none);
  EXPECT_EQ(at.write("2014-01-01 00:00:00"), out_of_range);
  ColumnProbe zoned("logicalType: timestamp, logicalTypeOptions: {timezone: true, minimum: '2014-01-01T00:00:00Z'}");
  EXPECT_EQ(zoned.write("2014-01-01T00:30:00+01:00"), out_of_range);
  EXPECT_EQ(zoned.write("2013-12-31T23:30:00-01:00"), none);
}

TEST(ColumnRules, texts_have_their_length_in_characters) {
  ColumnProbe s("logicalType: string, logicalTypeOptions: {minLength: 2, maxLength: 3}");
  for (const char* text : {"ab", "não", "日本語"}) EXPECT_EQ(s.write(text), none) << text;
  for (const char* text : {"a", "é", "abcd"}) EXPECT_EQ(s.write(text), bad_length) << text;
  EXPECT_EQ(s.reason(bad_length), "c: found 4 characters, expected 2 to 3: \"abcd\"");
  EXPECT_EQ(s.write("", true), bad_length) << "an empty text has no characters";
  EXPECT_EQ(s.write(""), none) << "and NULL has no length";
}

TEST(ColumnRules, a_pattern_is_searched_unless_it_is_anchored) {
  ColumnProbe anywhere("logicalType: string, logicalTypeOptions: {pattern: '[0-9]{3}'}"),
      whole("logicalType: string, logicalTypeOptions: {pattern: '^[A-Z]{2}-\\d+$'}"),
      flagged(
          "logicalType: string, quality: [{metric: invalidValues, arguments: {pattern: ^A}, mustBe: 0, severity: "
          "warning}]");
  EXPECT_EQ(anywhere.write("x123y"), none);
  EXPECT_EQ(anywhere.write("12"), no_match);
  EXPECT_EQ(whole.write("AB-12"), none);
  for (const char* text : {"AB-", "xAB-12", "AB-12\n", "ab-12"}) EXPECT_EQ(whole.write(text), no_match) << text;
  EXPECT_EQ(whole.reason(no_match), "c: found \"ab-12\", expected a match of ^[A-Z]{2}-\\d+$");
  EXPECT_EQ(flagged.write("B"), none);
  EXPECT_TRUE(flagged.flags.contains(no_match));
}

TEST(ColumnRules, accepted_values_of_any_type_are_compared_by_value) {
  const auto with = [](std::string_view type, std::string_view values) {
    return ColumnProbe(std::string(type) + ", quality: [{metric: invalidValues, arguments: {validValues: " +
                       std::string(values) + "}, mustBe: 0}]");
  };
  ColumnProbe n = with("logicalType: integer", "[1, 7]");
  EXPECT_EQ(n.write("007"), none);
  EXPECT_EQ(n.write("8"), not_accepted);
  ColumnProbe d = with("logicalType: number, physicalType: 'decimal(5,2)'", "[1.5]");
  EXPECT_EQ(d.write("1.50"), none);
  EXPECT_EQ(d.write("1.51"), not_accepted);
  ColumnProbe x = with("logicalType: number", "[0, 1.5]");
  for (const char* text : {"1.50", "-0", "15e-1"}) EXPECT_EQ(x.write(text), none) << text;
  ColumnProbe day = with("logicalType: date, logicalTypeOptions: {format: d/M/yyyy}", "[1/2/2018]");
  EXPECT_EQ(day.write("01/02/2018"), none);
  EXPECT_EQ(day.write("2/1/2018"), not_accepted);
}

TEST(ColumnRules, few_and_many_accepted_texts_are_found_alike) {
  for (const std::size_t n : {1U, 24U, 25U, 200U}) {
    std::vector<std::string> values;
    for (std::size_t i = 0; i < n; ++i) values.push_back("a rather long value " + std::to_string(i));
    values.back() = "short";
    const AcceptedValues accepted(values, Severity::error), copy = accepted;
    for (const std::string& value : values) EXPECT_TRUE(copy.contains(StringCell::of(value)));
    for (const char* other : {"", "shor", "shorty", "a rather long value", "a rather long value x"})
      EXPECT_FALSE(copy.contains(StringCell::of(other))) << other;
  }
}

TEST(ColumnRules, an_identifier_that_a_spreadsheet_has_shortened_is_refused) {
  ColumnProbe id("logicalType: string, unique: true"), text("logicalType: string");
  EXPECT_EQ(id.write("1.23E+15"), no_match);
  EXPECT_EQ(id.reason(no_match), "c: found \"1.23E+15\", expected an identifier in full, not as Excel shortens it");
  EXPECT_EQ(id.write("00012345678901234567"), none);
  EXPECT_EQ(id.text(), "00012345678901234567");
  EXPECT_EQ(text.write("1.23E+15"), none);
}

TEST(ColumnRules, an_empty_value_is_refused_or_flagged_by_severity) {
  ColumnProbe needed("logicalType: integer, quality: [{metric: nullValues, mustBe: 0}]"),
      flagged("logicalType: integer, quality: [{metric: nullValues, mustBe: 0, severity: warning}]"),
      missing(
          "logicalType: string, quality: [{metric: missingValues, arguments: {missingValues: [null, N/A]}, mustBe: "
          "0}]");
  EXPECT_EQ(needed.write(""), missing_value);
  EXPECT_EQ(flagged.write(""), none);
  EXPECT_TRUE(flagged.is_null() && flagged.flags.contains(missing_value));
  EXPECT_EQ(missing.write("N/A"), missing_value);
  EXPECT_EQ(missing.reason(missing_value), "c: found \"N/A\", expected a value");
  EXPECT_EQ(missing.write("null"), none);
}

TEST(ColumnRules, dates_that_do_not_exist_and_days_of_excel_are_refused) {
  ColumnProbe day("logicalType: date"), at("logicalType: timestamp");
  for (const char* text : {"2018-02-30", "2019-02-29", "2018-13-01", "0000-00-00", "01/02/2018", "1/2/18", "2018.02.01",
                           "20180201", "infinity", "now", "today", "epoch", "43132", "2018-07-12 00:00:00"})
    EXPECT_EQ(day.write(text), bad_date) << text;
  EXPECT_EQ(day.write("43132"), bad_date);
  EXPECT_EQ(day.reason(bad_date), "c: found \"43132\", expected yyyy-MM-dd; perhaps an Excel day number");
  EXPECT_EQ(at.write("43132.75"), bad_timestamp);
  EXPECT_NE(at.reason(bad_timestamp).find("perhaps an Excel day number"), std::string::npos);
  for (const char* text : {"2042-01-01", "1970-01-01", "0001-01-01", "9999-12-31"}) EXPECT_EQ(day.write(text), none);
}

TEST(ColumnRules, the_future_of_an_instant_begins_now) {
  const std::string rule = "quality: [{type: custom, engine: millrace, implementation: not_in_future}]";
  ColumnProbe zoned("logicalType: timestamp, logicalTypeOptions: {timezone: true}, " + rule),
      naive("logicalType: timestamp, " + rule), day("logicalType: date, " + rule);
  EXPECT_EQ(zoned.write("2017-07-14T02:40:00Z"), none);
  EXPECT_EQ(zoned.write("2017-07-14T02:40:01Z"), in_the_future);
  EXPECT_EQ(naive.write("2017-07-14 16:40:00"), none) << "it may be now in Kiribati";
  EXPECT_EQ(naive.write("2017-07-14 16:40:01"), in_the_future);
  EXPECT_EQ(day.write("2017-07-15"), in_the_future);
}

}  // namespace
}  // namespace millrace
