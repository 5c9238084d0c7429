#include "transform/run/test_sql.h"

#include <fmt/format.h>

#include <charconv>

#include "base/words.h"

namespace millrace::transform {
namespace {

using warehouse::to_text;

std::optional<std::int64_t> integer_in(std::string_view text) {
  std::int64_t out = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), out);
  if (read.ec != std::errc{}) return std::nullopt;
  const std::string_view rest(read.ptr, static_cast<std::size_t>(text.data() + text.size() - read.ptr));
  // 3.000: a sum of decimals
  if (!rest.empty() && (rest[0] != '.' || rest.find_first_not_of('0', 1) != std::string_view::npos))
    return std::nullopt;
  return out;
}

Status read_limit(const Node& test, TestPlan& plan) {
  const jinja::Value* limit = test.config.find("limit");
  if (limit == nullptr || limit->is(jinja::Kind::none)) return ok();
  if (limit->is(jinja::Kind::integer)) plan.limit = limit->integer();
  if (limit->is(jinja::Kind::text)) plan.limit = integer_in(limit->text());
  if (plan.limit && *plan.limit >= 0) return ok();
  return Error{ErrorKind::invalid_input,
               fmt::format("{}: limit of test {}: expected a number of rows", test.declared.where(), test.name),
               {},
               {}};
}

void read_storing(const Node& test, const Target& target, bool flag, TestPlan& plan) {
  const std::string as = to_lower_ascii(test.config.text("store_failures_as"));
  plan.stores = as.empty() ? test.config.flag("store_failures", flag) : as != "ephemeral";
  plan.stores_view = as == "view";
  if (!plan.stores) return;
  plan.store = test.relation;
  if (!plan.store.identifier.empty()) return;
  plan.store.database = target.print_database ? target.database : "";
  plan.store.schema = target.schema + "_dbt_test__audit";
  plan.store.identifier = test.alias.empty() ? test.name : test.alias;
}

/// Engines say true, 1 or 't'.
bool is_true(const warehouse::Value& value) {
  if (const auto* truth = std::get_if<bool>(&value)) return *truth;
  if (const auto* number = std::get_if<std::int64_t>(&value)) return *number != 0;
  const std::string text = to_lower_ascii(to_text(value));
  return text == "true" || text == "t";
}

std::optional<std::int64_t> failures_in(const warehouse::Value& value) {
  if (std::holds_alternative<std::monostate>(value)) return std::nullopt;
  if (const auto* truth = std::get_if<bool>(&value)) return *truth ? 1 : 0;
  if (const auto* real = std::get_if<double>(&value)) {
    const auto whole = static_cast<std::int64_t>(*real);
    return static_cast<double>(whole) == *real ? std::optional(whole) : std::nullopt;
  }
  return integer_in(to_text(value));
}

}  // namespace

Result<TestPlan> test_plan(const Node& test, const Target& target, bool store_failures) {
  TestPlan plan;
  plan.fail_calc = test.config.text("fail_calc", plan.fail_calc);
  plan.warn_if = test.config.text("warn_if", plan.warn_if);
  plan.error_if = test.config.text("error_if", plan.error_if);
  plan.warns_only = to_lower_ascii(test.config.text("severity", "error")) == "warn";
  MR_CHECK(read_limit(test, plan));
  read_storing(test, target, store_failures, plan);
  return plan;
}

std::string count_sql_before(const TestPlan& plan) {
  return fmt::format("SELECT\n  {0} AS failures,\n  {0} {1} AS should_warn,\n  {0} {2} AS should_error\nFROM (\n",
                     plan.fail_calc, plan.warn_if, plan.error_if);
}

std::string count_sql_behind(const TestPlan& plan) {
  return plan.limit ? fmt::format("\nLIMIT {}\n) dbt_internal_test", *plan.limit) : "\n) dbt_internal_test";
}

Result<Verdict> judge(const TestPlan& plan, const warehouse::Rows& rows, bool warn_error, std::string_view name) {
  if (rows.rows.size() != 1 || rows.columns.size() != 3)
    return Error{ErrorKind::invalid_input,
                 fmt::format("{}: the test gave {} of {}, expected one row of failures, should_warn and should_error",
                             name, counted(static_cast<std::int64_t>(rows.rows.size()), "row"),
                             counted(static_cast<std::int64_t>(rows.columns.size()), "column")),
                 {},
                 {}};
  const auto& row = rows.rows[0];
  const auto failures = failures_in(row[0]);
  if (!failures)
    return Error{ErrorKind::invalid_input,
                 fmt::format("{}: fail_calc {} gave {}, expected a whole number", name, plan.fail_calc,
                             std::holds_alternative<std::monostate>(row[0]) ? "NULL" : to_text(row[0])),
                 "a sum over no rows is NULL: write coalesce(…, 0) around it",
                 {}};
  Verdict out;
  out.failures = *failures;
  const std::string got = fmt::format("Got {} {}", out.failures, out.failures == 1 ? "result" : "results");
  if (!plan.warns_only && is_true(row[2])) {
    out.status = RunStatus::fail;
    out.message = fmt::format("{}, configured to fail if {}", got, plan.error_if);
  } else if (is_true(row[1])) {
    out.status = warn_error ? RunStatus::fail : RunStatus::warn;
    out.message = fmt::format("{}, configured to {} if {}", got, warn_error ? "fail" : "warn", plan.warn_if);
  }
  return out;
}

}  // namespace millrace::transform
