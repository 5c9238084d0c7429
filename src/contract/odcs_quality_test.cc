#include <gtest/gtest.h>

#include "contract/contract_for_tests.h"

namespace millrace {
namespace {

/// A contract with one column and these rules at the schema.
Result<Contract> with_rules(std::string_view rules) {
  return parse_contract(
      "apiVersion: v3.1.0\nkind: DataContract\nid: o\nversion: 1\nstatus: active\nschema:\n"
      "  - name: t\n    properties:\n      - {name: c, logicalType: integer}\n    quality:\n" +
          std::string(rules),
      "c.yaml");
}
std::string message_of(std::string_view rules) {
  const auto got = with_rules(rules);
  return got ? "parsed" : got.error().message;
}

TEST(OdcsQuality, a_rule_over_a_row_is_kept_for_the_load) {
  const auto got = with_rules(R"yaml(
      - type: custom
        engine: millrace
        name: paid_after_order
        implementation: "payment_date >= order_date OR note = 'it''s (old'"
        severity: warning
        description: Nobody pays before ordering.
      - {type: text, description: for people}
      - {type: custom, engine: millrace, implementation: c > 0}
)yaml");

  ASSERT_TRUE(got) << got.error().message;
  ASSERT_EQ(got->row_rules.size(), 2U);
  EXPECT_EQ(got->row_rules[0], (RowRule{"paid_after_order", "payment_date >= order_date OR note = 'it''s (old'",
                                        Severity::warning, "Nobody pays before ordering."}));
  EXPECT_EQ(got->row_rules[1].name, "rule_3");
  EXPECT_EQ(got->row_rules[1].severity, Severity::error);
}

TEST(OdcsQuality, an_expression_must_stay_one_within_a_statement) {
  const auto of = [](std::string_view sql) {
    return message_of("      - {type: custom, engine: millrace, implementation: \"" + std::string(sql) + "\"}\n");
  };
  EXPECT_EQ(of("c > 0); DROP TABLE t"), "c.yaml:11:58: schema[0].quality[0].implementation: a ) closes nothing");
  for (const auto& [sql, problem] : {std::pair{"c > 0; SELECT 1", "found a ;"},
                                     {"(c > 0", "a ( is opened"},
                                     {"c > 0 -- x", "found --"},
                                     {"c /* x", "found /*"},
                                     {"c = 'x", "a ' is opened"},
                                     {"c = $1", "found $"},
                                     {" ", "found nothing"}})
    EXPECT_NE(of(sql).find(problem), std::string::npos) << sql;
  EXPECT_EQ(of("c <> ';--' AND (c IS NULL)"), "parsed");
}

TEST(OdcsQuality, rules_have_their_own_names_and_known_severities) {
  EXPECT_NE(message_of("      - {type: custom, engine: millrace, name: a, implementation: c > 0}\n"
                       "      - {type: custom, engine: millrace, name: a, implementation: c > 1}\n")
                .find("rule \"a\" is declared twice"),
            std::string::npos);
  EXPECT_NE(message_of("      - {type: custom, engine: millrace, implementation: c > 0, severity: info}\n")
                .find("found \"info\", expected error or warning"),
            std::string::npos);
  EXPECT_NE(message_of("      - {metric: rowCount, mustBeGreaterThan: 5}\n").find("is not checked by this version"),
            std::string::npos);
}

TEST(OdcsQuality, rules_of_a_column_say_what_they_need) {
  const auto of = [](std::string_view rule) {
    const auto got = parse_contract(one_column("logicalType: integer, quality: [" + std::string(rule) + "]"), "c.yaml");
    return got ? "parsed" : got.error().message;
  };
  EXPECT_EQ(of("{metric: duplicateValues, mustBe: 0}"), "parsed");
  EXPECT_EQ(of("{type: text, description: words}"), "parsed");
  EXPECT_NE(of("{metric: invalidValues, mustBe: 0}").find("the rule has no arguments"), std::string::npos);
  EXPECT_NE(of("{metric: invalidValues, arguments: {validValues: [a]}, mustBe: 0}")
                .find("validValues: c: found \"a\", expected a whole number"),
            std::string::npos);
  EXPECT_NE(of("{metric: invalidValues, arguments: {pattern: ^1}, mustBe: 0}").find("for a column that is no string"),
            std::string::npos);
  EXPECT_NE(of("{metric: invalidValues, arguments: {validvalues: [1]}, mustBe: 0}").find("unknown key \"validvalues\""),
            std::string::npos);
  EXPECT_NE(of("{type: custom, engine: millrace, implementation: not_in_future}").find("date and timestamp"),
            std::string::npos);
}

}  // namespace
}  // namespace millrace
