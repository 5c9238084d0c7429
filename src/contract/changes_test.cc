#include "contract/changes.h"

#include <gtest/gtest.h>

#include "contract/contract_for_tests.h"

namespace millrace {
namespace {

Contract of(const std::string& properties, const std::string& rules = "") {
  auto got = parse_contract(
      "apiVersion: v3.1.0\nkind: DataContract\nid: o\nversion: 1\nstatus: active\nschema:\n"
      "  - name: t\n    properties:\n" +
          properties + rules,
      "c.yaml");
  EXPECT_TRUE(got) << (got ? "" : got.error().message);
  return *std::move(got);
}

std::vector<std::string> texts(const Contract& before, const Contract& after) {
  std::vector<std::string> out;
  for (const ContractChange& change : changes_between(before, after)) out.push_back(change.text());
  return out;
}

TEST(Changes, a_contract_does_not_differ_from_itself) {
  const Contract c = of("      - {name: a, logicalType: integer, unique: true}\n");
  EXPECT_TRUE(changes_between(c, c).empty());
}

TEST(Changes, columns_keys_and_rules_are_told_by_name) {
  const Contract before =
      of("      - {name: a, logicalType: integer, primaryKey: true}\n"
         "      - {name: b, logicalType: string}\n"
         "      - {name: c, logicalType: date}\n",
         "    quality:\n      - {type: custom, engine: millrace, name: r, implementation: a > 0}\n");
  const Contract after =
      of("      - {name: B, logicalType: string, required: true, logicalTypeOptions: {maxLength: 5}}\n"
         "      - {name: a, logicalType: number, physicalType: 'decimal(5,2)'}\n"
         "      - {name: d, logicalType: boolean}\n",
         "    quality:\n      - {type: custom, engine: millrace, name: r, implementation: a > 1, severity: warning}\n");

  EXPECT_EQ(texts(before, after),
            (std::vector<std::string>{"column B: required added: error", "column B: length added: 0 to 5",
                                      "column a: type: integer becomes decimal(5,2)",
                                      "column a: required removed: error", "column d added: boolean",
                                      "column c removed: date", "order of columns: a, b becomes b, a",
                                      "primary key removed: a", "rule r: a > 0 (error) becomes a > 1 (warning)"}));
}

TEST(Changes, every_setting_of_a_column_is_seen) {
  const auto with = [](std::string_view keys) { return *parse_contract(one_column(keys), "c.yaml"); };
  const auto differ = [&](std::string_view before, std::string_view after) {
    EXPECT_FALSE(changes_between(with(before), with(after)).empty()) << after;
  };
  const std::string number = "logicalType: number",
                    time = "logicalType: timestamp, logicalTypeOptions: {timezone: true}";
  for (const char* property : {"{property: decimalSeparator, value: ','}", "{property: trim, value: true}",
                               "{property: nullValues, value: [x]}", "{property: aliases, value: [x]}"})
    differ(number, number + ", customProperties: [" + property + "]");
  for (const char* property :
       {"{property: dstPolicy, value: later}", "{property: hour24, value: next_day}", "{property: unit, value: s}"})
    differ(time, time + ", customProperties: [" + property + "]");
  differ(time, "logicalType: timestamp, logicalTypeOptions: {timezone: true, defaultTimezone: UTC}");
  differ("logicalType: boolean",
         "logicalType: boolean, customProperties: [{property: trueValues, value: [y]}, {property: falseValues, value: "
         "[n]}]");
  differ("logicalType: integer", "logicalType: integer, customProperties: [{property: integralDecimals, value: true}]");
  differ(number, number + ", logicalTypeOptions: {minimum: 0}");
  const std::string rule = "logicalType: string, quality: [{metric: invalidValues, mustBe: 0, arguments: ";
  differ(rule + "{pattern: a}}]", rule + "{pattern: a}, severity: warning}]");
  differ(rule + "{validValues: [a]}}]", rule + "{validValues: [a, b]}}]");
  differ("logicalType: string", "logicalType: string, quality: [{metric: nullValues, mustBe: 0, severity: warning}]");
}

}  // namespace
}  // namespace millrace
