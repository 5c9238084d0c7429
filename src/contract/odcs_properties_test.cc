#include <gtest/gtest.h>

#include "contract/contract_for_tests.h"

namespace millrace {
namespace {

std::string message_of(std::string_view keys) {
  const auto got = parse_contract(one_column(keys), "c.yaml");
  return got ? "parsed" : got.error().message;
}
std::string with(std::string_view type, std::string_view properties) {
  return message_of(std::string(type) + ", customProperties: [" + std::string(properties) + "]");
}

TEST(OdcsProperties, those_of_others_are_left_alone_and_slips_of_ours_are_errors) {
  EXPECT_EQ(with("logicalType: string", "{property: piiCategory, value: {a: 1}}"), "parsed");
  EXPECT_EQ(with("logicalType: integer", "{property: nulValues, value: [x]}"),
            "c.yaml:9:71: schema[0].properties[0].customProperties[0].property: unknown property \"nulValues\"");
  EXPECT_EQ(with("logicalType: integer", "{property: trim, value: true}, {property: trim, value: false}"),
            "c.yaml:9:102: schema[0].properties[0].customProperties[1].property: \"trim\" is given twice");
  EXPECT_NE(with("logicalType: integer", "{property: trim, valu: true}").find("\"trim\" has no value"),
            std::string::npos);
  EXPECT_NE(with("logicalType: integer", "{property: trim, value: true, valeu: 1}").find("unknown key \"valeu\""),
            std::string::npos);
  EXPECT_NE(with("logicalType: integer", "{property: trim, value: maybe}").find("expected true or false"),
            std::string::npos);
}

TEST(OdcsProperties, each_stands_at_columns_of_its_types_only) {
  for (const char* property : {"{property: trueValues, value: [a]}", "{property: decimalSeparator, value: ','}",
                               "{property: dstPolicy, value: later}", "{property: unit, value: s}",
                               "{property: hour24, value: next_day}", "{property: integralDecimals, value: true}"})
    EXPECT_NE(with("logicalType: string", property).find("is for columns of type"), std::string::npos) << property;
  EXPECT_NE(with("logicalType: timestamp", "{property: dstPolicy, value: later}").find("timezone: true"),
            std::string::npos);
}

TEST(OdcsProperties, values_that_contradict_each_other_are_errors) {
  EXPECT_NE(
      with("logicalType: boolean", "{property: trueValues, value: [a]}").find("trueValues and falseValues together"),
      std::string::npos);
  EXPECT_NE(with("logicalType: boolean", "{property: trueValues, value: [a]}, {property: falseValues, value: [a]}")
                .find("\"a\" stands for true and for false"),
            std::string::npos);
  EXPECT_NE(with("logicalType: number", "{property: groupSeparator, value: '.'}").find("separates decimals and groups"),
            std::string::npos);
  for (const char* mark : {"'1'", "'-'", "'ab'", "''"})
    EXPECT_NE(with("logicalType: number", "{property: decimalSeparator, value: " + std::string(mark) + "}")
                  .find("expected one character"),
              std::string::npos);
  EXPECT_NE(with("logicalType: timestamp, logicalTypeOptions: {format: dd/MM/yyyy}", "{property: unit, value: s}")
                .find("a format beside the customProperty unit"),
            std::string::npos);
  EXPECT_NE(with("logicalType: timestamp", "{property: unit, value: min}").find("expected s or ms or us or ns"),
            std::string::npos);
}

TEST(OdcsProperties, aliases_name_one_column_each) {
  const ColumnProbe probe(
      "logicalType: string, customProperties: [{property: aliases, value: [order_no, 'Order No.']}]");
  EXPECT_EQ(probe.column().aliases, (std::vector<std::string>{"order_no", "Order No."}));
  const auto two = [](std::string_view a, std::string_view b) {
    return message_of("logicalType: string, customProperties: [{property: aliases, value: [" + std::string(a) +
                      "]}]}\n      - {name: d, logicalType: string, customProperties: [{property: aliases, value: [" +
                      std::string(b) + "]}]");
  };
  EXPECT_EQ(two("x", "y"), "parsed");
  EXPECT_NE(two("x", "X").find("\"X\" names the columns c and d"), std::string::npos);
  EXPECT_NE(two("D", "y").find("\"D\" names the columns d and c"), std::string::npos);
}

TEST(OdcsProperties, a_zone_of_nowhere_is_an_error_at_its_place) {
  const auto zone = [](std::string_view name) {
    return message_of(
        "logicalType: timestamp, logicalTypeOptions: {timezone: true, defaultTimezone: " + std::string(name) + "}");
  };
  EXPECT_EQ(zone("America/Sao_Paulo"), "parsed");
  EXPECT_EQ(zone("America/Sao_Paolo"),
            "c.yaml:9:97: schema[0].properties[0].logicalTypeOptions.defaultTimezone: found \"America/Sao_Paolo\", "
            "expected a time zone such as Europe/Lisbon or UTC");
  for (const char* name : {"localtime", "/etc/passwd", "'../passwd'", "'file:x'"})
    EXPECT_NE(zone(name).find("expected a time zone"), std::string::npos) << name;
  EXPECT_NE(message_of("logicalType: timestamp, logicalTypeOptions: {defaultTimezone: UTC}").find("timezone: true"),
            std::string::npos);
}

TEST(OdcsProperties, options_are_those_of_the_type) {
  EXPECT_NE(message_of("logicalType: date, logicalTypeOptions: {pattern: x}").find("unknown key \"pattern\""),
            std::string::npos);
  EXPECT_NE(message_of("logicalType: boolean, logicalTypeOptions: {minimum: 1}").find("unknown key \"minimum\""),
            std::string::npos);
  EXPECT_EQ(message_of("logicalType: integer, logicalTypeOptions: {minimum: 5, maximum: 4}"),
            "c.yaml:9:83: schema[0].properties[0].logicalTypeOptions.maximum: no value is at least 5 and at most 4");
  EXPECT_NE(message_of("logicalType: integer, logicalTypeOptions: {minimum: 1.5}").find("expected a whole number"),
            std::string::npos);
  EXPECT_NE(message_of("logicalType: number, physicalType: 'decimal(5,2)', logicalTypeOptions: {minimum: 0.001}")
                .find("expected a decimal of the column's scale"),
            std::string::npos);
  EXPECT_NE(message_of("logicalType: date, logicalTypeOptions: {minimum: 01/02/2018}").find("expected a date as"),
            std::string::npos);
  EXPECT_NE(message_of("logicalType: integer, logicalTypeOptions: {multipleOf: 0}").find("above 0"), std::string::npos);
  EXPECT_NE(message_of("logicalType: string, logicalTypeOptions: {minLength: 5, maxLength: 4}").find("no text has"),
            std::string::npos);
  EXPECT_NE(
      message_of("logicalType: string, logicalTypeOptions: {pattern: 'a(?!b)'}").find("invalid perl operator: (?!"),
      std::string::npos);
  EXPECT_NE(message_of("logicalType: timestamp, logicalTypeOptions: {format: yyyy-MM-ddX}").find("found a zone in"),
            std::string::npos);
}

TEST(Properties, unicode_names_the_form_that_text_is_brought_into) {
  ColumnProbe probe("logicalType: string, customProperties: [{property: unicode, value: NFC}]");
  EXPECT_TRUE(probe.column().composed);
  EXPECT_FALSE(probe.column().is_plain()) << "the short way looks at no character";
  EXPECT_FALSE(
      parse_contract(one_column("logicalType: integer, customProperties: [{property: unicode, value: NFC}]"), "c"));
  EXPECT_FALSE(
      parse_contract(one_column("logicalType: string, customProperties: [{property: unicode, value: NFD}]"), "c"));
}

}  // namespace
}  // namespace millrace
