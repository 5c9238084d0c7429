#include <gtest/gtest.h>

#include "contract/contract.h"

namespace millrace {
namespace {

constexpr std::string_view kHead = "apiVersion: v3.1.0\nkind: DataContract\nid: o\nversion: 1.0.0\nstatus: active\n";

std::string with_columns(std::string_view properties) {
  return std::string(kHead) + "schema:\n  - name: orders\n    properties:\n" + std::string(properties);
}

std::string message_of(std::string_view properties) {
  const auto got = parse_contract(with_columns(properties), "c.yaml");
  return got ? "parsed" : got.error().message;
}

TEST(Odcs, reads_columns_types_keys_and_rules) {
  const auto c = parse_contract(with_columns(R"yaml(
      - {name: id, logicalType: integer, primaryKey: true}
      - {name: price, logicalType: number, physicalType: "DECIMAL(10, 2)"}
      - name: status
        logicalType: string
        quality:
          - {metric: invalidValues, arguments: {validValues: [A, B]}, mustBe: 0, severity: warning}
      - name: at
        logicalType: timestamp
        required: true
        logicalTypeOptions: {format: "dd/MM/yyyy HH:mm"}
        quality:
          - {type: custom, engine: millrace, implementation: not_in_future}
)yaml"),
                                "c.yaml");

  ASSERT_TRUE(c) << c.error().message;
  ASSERT_EQ(c->columns.size(), 4U);
  EXPECT_TRUE(c->columns[0].required) << "a primary key is required";
  EXPECT_EQ(c->unique_sets(), (std::vector<std::vector<std::size_t>>{{0}}));
  EXPECT_EQ(c->columns[1].type, (ColumnType{TypeKind::decimal, 10, 2}));
  EXPECT_EQ(c->columns[2].accepted->severity, Severity::warning);
  EXPECT_TRUE(c->columns[2].accepted->contains(StringCell::of("B")));
  EXPECT_EQ(c->columns[3].format->pattern(), "dd/MM/yyyy HH:mm");
  EXPECT_EQ(c->columns[3].not_in_future, Severity::error);
}

TEST(Odcs, mistakes_are_named_at_their_line) {
  EXPECT_EQ(message_of("      - {name: id, logicalType: integer, requird: true}\n"),
            "c.yaml:9:42: schema[0].properties[0]: unknown key \"requird\"");
  EXPECT_EQ(message_of("      - {name: id, logicalType: int}\n"),
            "c.yaml:9:33: schema[0].properties[0].logicalType: found \"int\", expected string, integer, number, "
            "boolean, date or timestamp");
  EXPECT_EQ(message_of("      - {name: p, logicalType: number, physicalType: decimal(10)}\n"),
            "c.yaml:9:54: schema[0].properties[0].physicalType: found type \"decimal(10)\", expected decimal(p,s) with "
            "p up to 38");
  EXPECT_EQ(message_of("      - {name: ID, logicalType: integer}\n      - {name: id, logicalType: integer}\n"),
            "c.yaml:10:9: schema[0].properties[1]: column \"id\" is declared twice");
}

TEST(Odcs, a_rule_that_this_version_cannot_check_is_an_error_and_not_ignored) {
  const auto kind_of = [](std::string_view properties) {
    const auto got = parse_contract(with_columns(properties), "c.yaml");
    return got ? "parsed" : std::string(name_of(got.error().kind));
  };
  for (const char* column :
       {"{name: s, logicalType: string, logicalTypeOptions: {format: binary}}",
        "{name: s, logicalType: integer, logicalTypeOptions: {format: u8}}",
        "{name: s, logicalType: number, logicalTypeOptions: {multipleOf: 0.5}}", "{name: s, logicalType: object}",
        "{name: s, logicalType: string, quality: [{metric: nullValues, mustBe: 5, unit: percent}]}",
        "{name: s, logicalType: string, quality: [{metric: nullValues, mustBeLessThan: 10}]}",
        "{name: s, logicalType: string, quality: [{metric: rowCount, mustBe: 0}]}",
        "{name: s, logicalType: string, quality: [{metric: duplicateValues, mustBe: 0, severity: warning}]}",
        "{name: s, logicalType: string, quality: [{type: sql, query: SELECT 1}]}",
        "{name: s, logicalType: string, quality: [{type: custom, engine: soda, implementation: x}]}"})
    EXPECT_EQ(kind_of(std::string("      - ") + column + "\n"), "unsupported") << column;
}

TEST(Odcs, an_empty_or_foreign_document_is_refused) {
  EXPECT_FALSE(parse_contract("", "c.yaml"));
  EXPECT_FALSE(parse_contract("[1]", "c.yaml"));
  EXPECT_EQ(
      parse_contract("apiVersion: v2.0\nkind: DataContract\nid: o\nversion: 1\nstatus: x\n", "c.yaml").error().message,
      "c.yaml:1:13: apiVersion: found \"v2.0\", expected v3.1.0 or another v3");
}

}  // namespace
}  // namespace millrace
