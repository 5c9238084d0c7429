#include "contract/field_text.h"

#include <gtest/gtest.h>

#include "contract/contract_for_tests.h"

namespace millrace {
namespace {

using enum RejectCode;

TEST(FieldText, only_declared_markers_are_null) {
  ColumnProbe code(R"yaml(logicalType: string, customProperties: [{property: nullValues, value: ["\\N", NA]}])yaml");
  EXPECT_EQ(code.write("\\N"), none);
  EXPECT_TRUE(code.is_null());
  EXPECT_EQ(code.write("NA", true), none);
  EXPECT_EQ(code.text(), "NA") << "in quotes it is a text";
  EXPECT_EQ(code.write("NULL"), none);
  EXPECT_EQ(code.text(), "NULL");
  EXPECT_EQ(code.write(""), none);
  EXPECT_FALSE(code.is_null()) << "the empty text is not declared";

  ColumnProbe number(R"yaml(logicalType: integer, customProperties: [{property: nullValues, value: ["", NA]}])yaml");
  EXPECT_EQ(number.write("NA"), none);
  EXPECT_TRUE(number.is_null());
  EXPECT_EQ(number.write("", true), none);
  EXPECT_TRUE(number.is_null());
  EXPECT_EQ(number.write("N/A"), bad_integer);
  ColumnProbe strict("logicalType: integer, customProperties: [{property: nullValues, value: [NA]}]");
  EXPECT_EQ(strict.write(""), bad_integer);
}

TEST(FieldText, blanks_belong_to_a_value_unless_the_contract_trims) {
  ColumnProbe as_is("logicalType: integer"),
      trimming("logicalType: integer, customProperties: [{property: trim, value: true}]");
  EXPECT_EQ(as_is.write(" 1 "), bad_integer);
  EXPECT_EQ(trimming.write(" 1 "), none);
  EXPECT_EQ(trimming.number(), 1);
  EXPECT_EQ(trimming.write(" 1 ", true), bad_integer) << "quotes keep blanks";
  EXPECT_EQ(trimming.write("  "), none);
  EXPECT_TRUE(trimming.is_null());
}

TEST(FieldText, numbers_are_punctuated_as_declared_and_in_no_other_way) {
  ColumnProbe german(
      R"yaml(logicalType: number, physicalType: "decimal(10,2)", customProperties: [{property: decimalSeparator, value: ","}, {property: groupSeparator, value: "."}])yaml");
  for (const auto& [text, cents] : {std::pair{"1.234,50", 123450},
                                    {"1234,5", 123450},
                                    {"-1.234.567,89", -123456789},
                                    {"999", 99900},
                                    {"0,01", 1}}) {
    EXPECT_EQ(german.write(text), none) << text;
    EXPECT_EQ(german.number(), cents) << text;
  }
  for (const char* text : {"1234.50", "1.23,50", "1.2345,00", ".123,00", "1..234", "1.234,", "1.234.", ",50", "1,2,3",
                           "12345.678", "1,234.50", "1 234", "-"})
    EXPECT_EQ(german.write(text), bad_decimal) << text;
  EXPECT_EQ(german.write("1,5,"), bad_decimal);
  EXPECT_EQ(german.reason(bad_decimal), "c: found \"1,5,\", expected decimal(10,2), written 1.234,56");
  EXPECT_EQ(german.write(std::string(200, '1')), bad_decimal) << "longer than any number";

  ColumnProbe spaced(
      R"yaml(logicalType: integer, customProperties: [{property: groupSeparator, value: "\u00a0"}])yaml");
  EXPECT_EQ(spaced.write("1\u00a0234"), none);
  EXPECT_EQ(spaced.number(), 1234);
  EXPECT_EQ(spaced.write("1 234"), bad_integer) << "a blank is another character";
}

TEST(FieldText, without_a_declaration_punctuation_currency_and_percent_are_refused) {
  ColumnProbe money("logicalType: number, physicalType: 'decimal(10,2)'"), number("logicalType: number");
  for (const char* text : {"9,90", "1,234.50", "1.234,50", "1 234", "1'234", "R$ 9.90", "9.90 EUR", "(9.90)", "9.90-",
                           "10%", "+9.90", "1_000"}) {
    EXPECT_EQ(money.write(text), bad_decimal) << text;
    EXPECT_EQ(number.write(text), bad_number) << text;
  }
}

TEST(FieldText, an_integer_may_be_written_with_a_fraction_of_zeros_where_that_is_declared) {
  ColumnProbe strict("logicalType: integer"),
      loose("logicalType: integer, customProperties: [{property: integralDecimals, value: true}]");
  EXPECT_EQ(strict.write("1.0"), bad_integer);
  EXPECT_EQ(loose.write("1.00"), none);
  EXPECT_EQ(loose.number(), 1);
  for (const char* text : {"1.5", "1.", ".0", "1.0.0", "1.01"}) EXPECT_EQ(loose.write(text), bad_integer) << text;
}

TEST(FieldText, booleans_are_the_declared_words_only) {
  ColumnProbe words(
      "logicalType: boolean, customProperties: [{property: trueValues, value: [sim, '1']}, {property: falseValues, "
      "value: [não, '0']}]");
  EXPECT_EQ(words.write("sim"), none);
  EXPECT_EQ(words.number(), 1);
  EXPECT_EQ(words.write("0"), none);
  EXPECT_EQ(words.number(), 0);
  for (const char* text : {"true", "Sim", "yes"}) EXPECT_EQ(words.write(text), bad_boolean) << text;
  EXPECT_EQ(words.reason(bad_boolean), "c: found \"yes\", expected sim, 1 for true, or não, 0 for false");

  ColumnProbe plain("logicalType: boolean");
  EXPECT_EQ(plain.write("TRUE"), none);
  for (const char* text : {"1", "yes", "sim", "t"}) EXPECT_EQ(plain.write(text), bad_boolean) << text;
}

TEST(FieldText, what_a_spreadsheet_has_shortened_is_seen) {
  for (const char* text : {"1.23E+15", "1E+10", "1,23E+15"}) EXPECT_TRUE(looks_shortened(text)) << text;
  for (const char* text : {"E+15", "1E+", "12.3E+15", "1.23E15", "AE+1", "1.2.3E+4", "1E+1A", ""})
    EXPECT_FALSE(looks_shortened(text)) << text;
}

}  // namespace
}  // namespace millrace
