// Quality rules of ODCS: of a column, and of a whole row.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "contract/field_rules.h"
#include "contract/odcs_parts.h"

namespace millrace::odcs {
namespace {

using yaml::Fields;
using yaml::Node;
using yaml::Place;

/// The keys of a rule that only describe it.
void ignore_told(Fields& rule) {
  for (const char* told :
       {"id", "dimension", "businessImpact", "tags", "unit", "authoritativeDefinitions", "customProperties"})
    rule.ignore(told);
}

Result<Severity> read_severity(Fields& f) {
  MR_TRY(const std::string text, f.text("severity", "error"));
  if (text == "error") return Severity::error;
  if (text == "warning" || text == "warn") return Severity::warning;
  return wrong(f, "severity", fmt::format("found \"{}\", expected error or warning", text));
}

/// Every metric counts what must not be there: anything but "none of it" is another rule.
Status must_be_none(Fields& rule, std::string_view metric) {
  for (const char* other : {"mustNotBe", "mustBeGreaterThan", "mustBeGreaterOrEqualTo", "mustBeLessThan",
                            "mustBeLessOrEqualTo", "mustBeBetween", "mustNotBeBetween"})
    if (const Node* node = rule.any(other))
      return waits(rule.place().member(other), *node, fmt::format("{} with {}", metric, other), "write mustBe: 0");
  MR_TRY(const std::int64_t most, rule.integer("mustBe", 0));
  if (most != 0)
    return waits(rule.place().member("mustBe"), *rule.node().find("mustBe"),
                 fmt::format("{} with mustBe: {}", metric, most), "write mustBe: 0");
  return ok();
}

Result<Fields> arguments_of(Fields& rule, std::string_view example) {
  MR_TRY(const Node* node, rule.mapping("arguments"));
  if (node == nullptr)
    return yaml::error_at(rule.place(), rule.node(), "the rule has no arguments",
                          fmt::format("add arguments: {}", example));
  return Fields::of(*node, rule.place().member("arguments"));
}

Status read_invalid(Fields& rule, ColumnContract& column, Severity severity) {
  MR_TRY(Fields arguments, arguments_of(rule, "{validValues: [a, b]} or {pattern: ^A}"));
  MR_TRY(std::vector<std::string> values, arguments.texts("validValues"));
  MR_TRY(const std::string expression, arguments.text("pattern", ""));
  MR_CHECK(arguments.done());
  if (values.empty() && expression.empty())
    return yaml::error_at(arguments.place(), arguments.node(), "found no rule, expected validValues or pattern");
  if (!values.empty()) {
    if (column.accepted)
      return wrong(arguments, "validValues", "found a second list for this column, expected one",
                   "write all values into one list");
    column.accepted.emplace(std::move(values), severity);
  }
  if (expression.empty()) return ok();
  if (column.type.kind != TypeKind::text)
    return wrong(arguments, "pattern", "found a pattern for a column that is no string",
                 "declare logicalType: string, or check it with logicalTypeOptions");
  auto pattern = Pattern::compile(expression);
  if (!pattern) return wrong(arguments, "pattern", pattern.error().message, pattern.error().hint);
  column.patterns.push_back({*std::move(pattern), severity});
  return ok();
}

void refuse_nulls(ColumnContract& column, Severity severity) {
  (severity == Severity::error ? column.required : column.flag_nulls) = true;
}

Status read_missing(Fields& rule, ColumnContract& column, Severity severity) {
  MR_TRY(Fields arguments, arguments_of(rule, "{missingValues: [null, '', N/A]}"));
  MR_TRY(const Node* markers, arguments.sequence("missingValues"));
  MR_CHECK(arguments.done());
  for (std::size_t i = 0; markers != nullptr && i < markers->items.size(); ++i) {
    const Node& item = markers->items[i];
    if (item.kind != Node::Kind::null && item.kind != Node::Kind::scalar)
      return yaml::error_at(arguments.place().member("missingValues").item(i), item, "expected a single value");
    if (std::ranges::find(column.null_values, item.scalar) == column.null_values.end())
      column.null_values.push_back(item.scalar);
  }
  refuse_nulls(column, severity);
  return ok();
}

Status read_duplicates(Fields& rule, ColumnContract& column, Severity severity) {
  if (severity == Severity::warning)
    return waits(rule.place(), rule.node(), "duplicateValues with severity warning",
                 "leave severity out, or check it with a data test of severity warn");
  column.unique = true;
  return ok();
}

Status read_library_rule(Fields& rule, ColumnContract& column, Severity severity) {
  MR_TRY(const std::string metric, rule.text("metric", ""));
  MR_CHECK(must_be_none(rule, metric));
  if (metric == "invalidValues") return read_invalid(rule, column, severity);
  if (metric == "missingValues") return read_missing(rule, column, severity);
  if (metric == "duplicateValues") return read_duplicates(rule, column, severity);
  if (metric != "nullValues")
    return waits(rule.place(), rule.node(), fmt::format("quality rule library {}", metric),
                 "metrics of a column: invalidValues, nullValues, missingValues, duplicateValues");
  refuse_nulls(column, severity);
  return ok();
}

/// An expression that stays one when it is put into parentheses; "" or what is wrong with it.
std::string problem_of(std::string_view sql) {
  std::size_t depth = 0;
  for (std::size_t i = 0; i < sql.size(); ++i) {
    const char c = sql[i];
    if (c == '\'' || c == '"') {
      i = sql.find(c, i + 1);  // a doubled quote closes one text and opens the next: the same to us
      if (i == std::string_view::npos) return fmt::format("a {} is opened and never closed", c);
    } else if (c == '(') {
      ++depth;
    } else if (c == ')') {
      if (depth-- == 0) return "a ) closes nothing";
    } else if (c == ';') {
      return "found a ; in it, expected one expression";
    } else if (sql.substr(i, 2) == "--" || sql.substr(i, 2) == "/*" || c == '$') {
      return fmt::format("found {} in it, expected an expression without comments and parameters",
                         c == '$' ? sql.substr(i, 1) : sql.substr(i, 2));
    }
  }
  if (depth > 0) return "a ( is opened and never closed";
  return sql.find_first_not_of(" \t\r\n") == std::string_view::npos ? "found nothing, expected an SQL expression" : "";
}

Result<RowRule> read_row_rule(Fields& rule, std::size_t number) {
  RowRule out;
  MR_TRY(out.severity, read_severity(rule));
  MR_TRY(out.sql, rule.text("implementation"));
  MR_TRY(out.name, rule.text("name", fmt::format("rule_{}", number)));
  MR_TRY(out.description, rule.text("description", ""));
  if (const std::string problem = problem_of(out.sql); !problem.empty())
    return wrong(rule, "implementation", problem, "for example payment_date >= order_date");
  MR_CHECK(rule.done());
  return out;
}

}  // namespace

Status read_column_rule(const Node& node, const Place& place, ColumnContract& column) {
  MR_TRY(Fields rule, Fields::of(node, place));
  ignore_told(rule);
  for (const char* told : {"name", "description"}) rule.ignore(told);
  MR_TRY(const std::string type, rule.text("type", "library"));
  if (type == "text") return ok();  // words for people
  MR_TRY(const Severity severity, read_severity(rule));
  if (type == "library") {
    MR_CHECK(read_library_rule(rule, column, severity));
    return rule.done();
  }
  MR_TRY(const std::string engine, rule.text("engine", ""));
  const Node* implementation = rule.any("implementation");
  if (type != "custom" || engine != "millrace" || implementation == nullptr ||
      implementation->scalar != "not_in_future")
    return waits(
        place, node,
        fmt::format("quality rule {} {}", type,
                    implementation == nullptr ? std::string("without implementation") : implementation->scalar),
        "a rule over several columns stands at the schema: type custom, engine millrace, implementation an "
        "SQL expression");
  if (!column.format) return wrong(rule, "implementation", "not_in_future is for columns of type date and timestamp");
  column.not_in_future = severity;
  return rule.done();
}

Status read_row_rules(Fields& f, Contract& contract) {
  MR_TRY(const Node* rules, f.sequence("quality"));
  for (std::size_t i = 0; rules != nullptr && i < rules->items.size(); ++i) {
    const Node& node = rules->items[i];
    const Place place = f.place().member("quality").item(i);
    MR_TRY(Fields rule, Fields::of(node, place));
    ignore_told(rule);
    MR_TRY(const std::string type, rule.text("type", "library"));
    if (type == "text") continue;
    MR_TRY(const std::string engine, rule.text("engine", ""));
    if (type != "custom" || engine != "millrace")
      return waits(place, node, fmt::format("quality rule {} of the whole table", type),
                   "type custom, engine millrace, implementation an SQL expression over the columns of a row");
    MR_TRY(RowRule read, read_row_rule(rule, i + 1));
    for (const RowRule& other : contract.row_rules)
      if (other.name == read.name)
        return yaml::error_at(place, node, fmt::format("rule \"{}\" is declared twice", read.name),
                              "give each rule its own name");
    contract.row_rules.push_back(std::move(read));
  }
  return ok();
}

Status settle_accepted(const Node& node, const Place& place, ColumnContract& column) {
  if (!column.accepted || column.type.kind == TypeKind::text) return ok();
  AcceptedValues accepted = *std::exchange(column.accepted, std::nullopt);
  const bool judged = std::exchange(column.judged, false);  // a value is measured by its type alone
  for (const std::string& text : accepted.values) {
    std::array<Int128, 1> value{};
    std::uint64_t valid = ~0ULL;
    ColumnBuffer out{value.data(), &valid, false};
    FlagSet flags;
    const RejectCode code = write_field(column, {text, false}, 0, out, 0, flags);
    if (code != RejectCode::none || out.has_nulls)
      return yaml::error_at(place, node, fmt::format("validValues: {}", reason_of(column, {text, false}, code)),
                            "write the values as the files do");
    accepted.add_number(number_of(column.type, out, 0));
  }
  column.accepted = std::move(accepted);
  column.judged = judged;
  return ok();
}

}  // namespace millrace::odcs
