#include "transform/run/incremental.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/words.h"

namespace millrace::transform {
namespace {

constexpr std::string_view kOld = "DBT_INTERNAL_DEST";
constexpr std::string_view kNew = "DBT_INTERNAL_SOURCE";

/// Options of merge that change what it does and that are not there yet.
constexpr std::array<std::string_view, 7> kMergeOptions{
    "merge_clauses",          "merge_on_using_columns",       "merge_update_condition",
    "merge_insert_condition", "merge_update_set_expressions", "merge_returning_columns",
    "merge_update_all"};

Result<Strategy> strategy_of(const Node& model) {
  const std::string name = model.config.text("incremental_strategy", "default");
  if (name == "append") return Strategy::append;
  if (name == "merge") return Strategy::merge;
  if (name == "delete+insert" || name == "default") return Strategy::delete_insert;
  if (name == "microbatch" || name == "insert_overwrite")
    return Error{ErrorKind::unsupported,
                 fmt::format("{}: incremental_strategy: {} is not supported", model.original_path, name),
                 "use append, delete+insert or merge",
                 {}};
  static const std::vector<std::string> kKnown{"append", "delete+insert", "merge"};
  const std::string meant = nearest(name, kKnown);
  return Error{ErrorKind::invalid_input,
               fmt::format("{}: found incremental_strategy: {}, expected append, delete+insert or merge",
                           model.original_path, name),
               meant.empty() ? "strategies of one's own do not run yet" : "did you mean " + meant + "?",
               {}};
}

bool same_name(const std::string& a, const std::string& b) { return to_lower_ascii(a) == to_lower_ascii(b); }

bool holds(const std::vector<std::string>& names, const std::string& name) {
  return std::any_of(names.begin(), names.end(), [&](const std::string& n) { return same_name(n, name); });
}

std::string quoted_list(const warehouse::Dialect& d, const std::vector<std::string>& names,
                        std::string_view owner = "") {
  std::string out;
  for (const std::string& name : names) {
    if (!out.empty()) out += ", ";
    if (!owner.empty()) out += fmt::format("{}.", owner);
    out += d.quote(name);
  }
  return out;
}

std::string insert_sql(const warehouse::Dialect& d, const std::string& target, const std::string& from,
                       const std::vector<std::string>& columns) {
  const std::string names = quoted_list(d, columns);
  return fmt::format("INSERT INTO {} ({})\nSELECT {}\nFROM {}", target, names, names, from);
}

/// What predicates call the table: both names are in use.
std::string_view alias_for(const IncrementalPlan& plan) {
  static constexpr std::string_view kOther = "DBT_INCREMENTAL_TARGET";
  for (const std::string& p : plan.predicates)
    if (p.find(kOther) != std::string::npos) return kOther;
  return kOld;
}

std::string delete_sql(const IncrementalPlan& plan, const std::string& target, const std::string& from) {
  const std::string keys = join(plan.keys, ", ");
  std::string sql = fmt::format("DELETE FROM {} AS {}\nWHERE ({}) IN (SELECT {} FROM {} AS {})", target,
                                alias_for(plan), keys, keys, from, kNew);
  for (const std::string& p : plan.predicates) sql += fmt::format("\n  AND ({})", p);
  return sql;
}

std::string merge_condition(const IncrementalPlan& plan) {
  if (plan.keys.empty()) return "FALSE";
  std::string out;
  for (const std::string& key : plan.keys)
    out += fmt::format("{}{}.{} = {}.{}", out.empty() ? "" : " AND ", kNew, key, kOld, key);
  for (const std::string& p : plan.predicates) out += fmt::format(" AND ({})", p);
  return out;
}

std::string merge_sql(const IncrementalPlan& plan, const warehouse::Dialect& d, const std::string& target,
                      const std::string& from, const std::vector<std::string>& columns) {
  std::string sql =
      fmt::format("MERGE INTO {} AS {}\nUSING {} AS {}\nON ({})", target, kOld, from, kNew, merge_condition(plan));
  std::string sets;
  for (const std::string& column : columns) {
    if (!plan.update_only.empty() && !holds(plan.update_only, column)) continue;
    if (holds(plan.update_except, column)) continue;
    sets += fmt::format("{}{} = {}.{}", sets.empty() ? "" : ", ", d.quote(column), kNew, d.quote(column));
  }
  if (!plan.keys.empty() && !sets.empty()) sql += "\nWHEN MATCHED THEN UPDATE SET " + sets;
  sql += fmt::format("\nWHEN NOT MATCHED THEN INSERT ({}) VALUES ({})", quoted_list(d, columns),
                     quoted_list(d, columns, kNew));
  return sql;
}

}  // namespace

Result<IncrementalPlan> incremental_plan(const Node& model) {
  IncrementalPlan plan;
  MR_TRY(plan.strategy, strategy_of(model));
  plan.keys = model.config.texts("unique_key");
  plan.predicates = model.config.texts("incremental_predicates");
  if (plan.predicates.empty()) plan.predicates = model.config.texts("predicates");
  plan.update_only = model.config.texts("merge_update_columns");
  plan.update_except = model.config.texts("merge_exclude_columns");
  if (!plan.update_only.empty() && !plan.update_except.empty())
    return Error{ErrorKind::invalid_input,
                 fmt::format("{}: found merge_update_columns and merge_exclude_columns, expected one of them",
                             model.original_path),
                 {},
                 {}};
  plan.on_schema_change = on_schema_change(model.config.text("on_schema_change"));
  if (plan.strategy != Strategy::merge) return plan;
  for (const std::string_view option : kMergeOptions) {
    const jinja::Value* value = model.config.find(option);
    if (value != nullptr && !value->is(jinja::Kind::none))
      return Error{ErrorKind::unsupported,
                   fmt::format("{}: {} is not supported yet", model.original_path, option),
                   "merge knows unique_key, incremental_predicates, merge_update_columns and merge_exclude_columns",
                   {}};
  }
  return plan;
}

std::vector<std::string> incremental_sql(const IncrementalPlan& plan, const warehouse::Dialect& dialect,
                                         const std::string& target, const std::string& from,
                                         const std::vector<std::string>& columns) {
  if (plan.strategy == Strategy::merge) return {merge_sql(plan, dialect, target, from, columns)};
  std::vector<std::string> out;
  if (plan.strategy == Strategy::delete_insert && !plan.keys.empty()) out.push_back(delete_sql(plan, target, from));
  out.push_back(insert_sql(dialect, target, from, columns));
  return out;
}

Result<Built> add_to_incremental(Execution& on) {
  MR_TRY(const IncrementalPlan plan, incremental_plan(on.node()));
  const std::string fresh = on.dialect().quote(on.node().relation.identifier + "__dbt_tmp");
  const std::string target = quoted(on.dialect(), on.node().relation);
  MR_CHECK(
      on.run_around(fmt::format("CREATE OR REPLACE TEMPORARY TABLE {} AS (\n", fresh), on.node().compiled_code, "\n)"));
  MR_TRY(const std::vector<std::string> columns, settle_columns(on, plan.on_schema_change, fresh));
  Built out;
  for (const std::string& sql : incremental_sql(plan, on.dialect(), target, fresh, columns)) {
    MR_TRY(out.rows, on.run_around(sql, "", ""));  // the last one says how many rows came
  }
  MR_CHECK(on.run("DROP TABLE IF EXISTS " + fresh));
  return out;
}

}  // namespace millrace::transform
