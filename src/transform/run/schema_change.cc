#include "transform/run/schema_change.h"

#include <fmt/format.h>

#include <unordered_map>
#include <unordered_set>

#include "base/words.h"

namespace millrace::transform {
namespace {

std::vector<std::string> names_of(const Columns& columns) {
  std::vector<std::string> out;
  for (const auto& column : columns) out.push_back(column.first);
  return out;
}

Error out_of_sync(const Node& model, const SchemaChange& change) {
  std::vector<std::string> parts;
  if (!change.added.empty()) parts.push_back("new in the SQL: " + join(names_of(change.added), ", "));
  if (!change.removed.empty()) parts.push_back("no longer in the SQL: " + join(change.removed, ", "));
  for (const auto& [name, type] : change.retyped) parts.push_back(fmt::format("{} is now {}", name, type));
  return {ErrorKind::invalid_input,
          fmt::format("{}: on_schema_change: fail: the columns of {} have changed: {}", model.original_path,
                      model.relation.text(), join(parts, "; ")),
          "set on_schema_change to append_new_columns or sync_all_columns, or build it anew with --full-refresh",
          {}};
}

Status alter(Execution& on, const SchemaChange& change, bool all) {
  const std::string table = "ALTER TABLE " + quoted(on.dialect(), on.node().relation);
  const auto name = [&](const std::string& column) { return on.dialect().quote(column); };
  for (const auto& [column, type] : change.added)
    MR_CHECK(on.run(fmt::format("{} ADD COLUMN {} {}", table, name(column), type)));
  if (!all) return ok();
  for (const std::string& column : change.removed)
    MR_CHECK(on.run(fmt::format("{} DROP COLUMN {}", table, name(column))));
  for (const auto& [column, type] : change.retyped)
    MR_CHECK(on.run(fmt::format("{} ALTER COLUMN {} TYPE {}", table, name(column), type)));
  return ok();
}

}  // namespace

OnSchemaChange on_schema_change(std::string_view name) {
  if (name == "fail") return OnSchemaChange::fail;
  if (name == "append_new_columns") return OnSchemaChange::append_new_columns;
  if (name == "sync_all_columns") return OnSchemaChange::sync_all_columns;
  return OnSchemaChange::ignore;
}

SchemaChange compare_columns(const Columns& table, const Columns& sql) {
  SchemaChange out;
  std::unordered_map<std::string, const std::pair<std::string, std::string>*> in_table;
  for (const auto& column : table) in_table[to_lower_ascii(column.first)] = &column;
  std::unordered_set<std::string> in_sql;
  for (const auto& [name, type] : sql) {
    const std::string key = to_lower_ascii(name);
    in_sql.insert(key);
    const auto it = in_table.find(key);
    if (it == in_table.end())
      out.added.emplace_back(name, type);
    else if (it->second->second != type)
      out.retyped.emplace_back(it->second->first, type);
  }
  for (const auto& column : table)
    if (in_sql.count(to_lower_ascii(column.first)) == 0) out.removed.push_back(column.first);
  return out;
}

Result<std::vector<std::string>> settle_columns(Execution& on, OnSchemaChange what, const std::string& fresh) {
  MR_TRY(const Columns table, on.catalogue().columns_of(on.node().relation));
  if (what == OnSchemaChange::ignore) return names_of(table);
  MR_TRY(const warehouse::Rows rows, on.query("DESCRIBE " + fresh));
  Columns sql;
  for (const auto& row : rows.rows) sql.emplace_back(warehouse::to_text(row[0]), warehouse::to_text(row[1]));
  const SchemaChange change = compare_columns(table, sql);
  if (change.any()) {
    if (what == OnSchemaChange::fail) return out_of_sync(on.node(), change);
    MR_CHECK(alter(on, change, what == OnSchemaChange::sync_all_columns));
  }
  return names_of(sql);
}

}  // namespace millrace::transform
