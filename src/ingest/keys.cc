#include "ingest/keys.h"

#include <fmt/format.h>

#include "base/words.h"
#include "ingest/sql.gen.h"

namespace millrace::ingest {

using warehouse::Statement;

KeySql key_sql(const warehouse::Dialect& dialect, const Source& source, const std::vector<std::size_t>& columns) {
  std::vector<std::string> names, quoted, present, same;
  for (const std::size_t i : columns) {
    names.push_back(source.contract.columns[i].name);
    quoted.push_back(dialect.quote(names.back()));
    present.push_back(quoted.back() + " IS NOT NULL");
    same.push_back(fmt::format("f.{0} = t.{0}", quoted.back()));
  }
  KeySql key{join(names, ", "), join(quoted, ", "), join(present, " AND "), join(same, " AND "), ""};
  if (!source.newest_by.empty()) key.newest_by = dialect.quote(source.newest_by) + " DESC NULLS LAST,";
  return key;
}

std::vector<std::vector<std::size_t>> superseding_keys(const Source& source) {
  auto sets = source.contract.unique_sets();
  if (sets.size() != 1) sets.clear();
  return sets;
}

std::vector<Statement> removal_of(const warehouse::Dialect& dialect, const Source& source, std::int64_t file_id,
                                  FileState state) {
  const std::string table = quote(dialect, source.table), superseded = quote(dialect, superseded_table(source));
  std::vector<Statement> out;
  const auto add = [&](std::string_view name, std::string sql, std::vector<warehouse::Value> params) {
    out.push_back({"ingest/" + std::string(name), std::move(sql), std::move(params)});
  };
  for (const auto& set : superseding_keys(source)) {
    const KeySql key = key_sql(dialect, source, set);
    add("restore_superseded",
        warehouse::fill(sql::restore_superseded, {{"table", table},
                                                  {"superseded", superseded},
                                                  {"key", key.columns},
                                                  {"same_key", key.same},
                                                  {"newest_by", key.newest_by}}),
        {file_id});
    add("count_restored", warehouse::fill(sql::count_restored, {{"table", table}, {"superseded", superseded}}), {});
    add("delete_restored", warehouse::fill(sql::delete_restored, {{"table", table}, {"superseded", superseded}}), {});
  }
  for (const std::string& held : {table, superseded})
    add("delete_rows_of_file", warehouse::fill(sql::delete_rows_of_file, {{"table", held}}), {file_id});
  add("mark_gone", std::string(sql::mark_gone), {file_id, std::string(name_of(state))});
  return out;
}

}  // namespace millrace::ingest
