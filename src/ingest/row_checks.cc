#include "ingest/row_checks.h"

#include <fmt/format.h>

#include "ingest/sql.gen.h"

namespace millrace::ingest {

using warehouse::Batch;
using warehouse::Rows;
using warehouse::Statement;
using warehouse::to_integer;
using warehouse::to_text;
using warehouse::Value;

namespace {

bool is_null(const Value& value) { return std::holds_alternative<std::monostate>(value); }

}  // namespace

Statement RowChecks::statement(std::string_view name, std::string sql, std::vector<Value> params) const {
  return {"ingest/" + std::string(name), std::move(sql), std::move(params)};
}

void RowChecks::add_to(Batch& batch) {
  if (rows_.source->on_duplicate_key == OnDuplicateKey::keep) return;
  for (const auto& set : rows_.source->contract.unique_sets()) add_key(batch, set);
}

void RowChecks::add_key(Batch& batch, const std::vector<std::size_t>& columns) {
  const KeySql key = key_sql(dialect_, *rows_.source, columns);
  Found& found = found_.emplace_back();
  Statement any = statement(
      "any_duplicates",
      warehouse::fill(sql::any_duplicates, {{"table", table()}, {"key", key.columns}, {"key_present", key.present}}),
      {rows_.mark});
  any.on_rows = [&found](const Rows& rows) {
    found.any = std::get<bool>(rows.rows.at(0).at(0));
    return ok();
  };
  batch.statements.push_back(std::move(any));
  if (rows_.source->on_duplicate_key == OnDuplicateKey::newest)
    add_newest(batch, key, found);
  else
    add_quarantine(batch, key, found);
}

void RowChecks::add_quarantine(Batch& batch, const KeySql& key, Found& found) {
  Statement find = statement(
      "find_duplicates",
      warehouse::fill(sql::find_duplicates, {{"table", table()}, {"key", key.columns}, {"key_present", key.present}}),
      {rows_.mark});
  find.before = [&found](Statement& s) {
    if (!found.any) s.sql.clear();
    return ok();
  };
  find.on_rows = [this, names = key.names, &found](const Rows& rows) { return take_duplicates(rows, names, found); };
  batch.statements.push_back(std::move(find));
  add_removal(batch, found);
}

void RowChecks::add_removal(Batch& batch, Found& found) {
  Statement remove = statement("delete_lines", warehouse::fill(sql::delete_lines, {{"table", table()}}), {rows_.mark});
  remove.before = [&found](Statement& s) {
    if (found.lines.empty()) s.sql.clear();
    return ok();
  };
  remove.source =
      &lists_.emplace_back(std::vector<Column>{{"line", {TypeKind::int64}}}, [&found]() -> Result<ValueRows> {
        ValueRows rows;
        for (const std::int64_t line : found.lines) rows.push_back({line});
        return rows;
      });
  batch.statements.push_back(std::move(remove));
}

/// Remembers the rows that another row with their key makes superfluous, with their own bytes.
Status RowChecks::take_duplicates(const Rows& rows, const std::string& key_names, Found& found) {
  std::vector<TextRange> ranges;
  const std::size_t first = doomed_.size();
  for (const auto& row : rows.rows) {
    DoomedRow doomed;
    Reject& r = doomed.reject;
    r.line = to_integer(row[0]);
    if (!found.lines.empty() && found.lines.back() == r.line) continue;  // twice here and held elsewhere
    r.byte_offset = static_cast<std::uint64_t>(to_integer(row[1]));
    r.byte_length = static_cast<std::uint64_t>(to_integer(row[2]));
    r.code = RejectCode::duplicate_key;
    r.column = key_names;
    if (!is_null(row[3])) {
      r.reason = fmt::format("{}: the same value stands in line {} already", key_names, to_integer(row[3]));
    } else if (to_integer(row[4]) == rows_.file_id) {
      r.reason = fmt::format("{}: the same value is loaded from line {} already", key_names, to_integer(row[5]));
    } else {
      doomed.duplicate_of = to_integer(row[4]);
      r.reason = fmt::format("{}: the same value is loaded from {}, line {}, already", key_names, to_text(row[6]),
                             to_integer(row[5]));
    }
    found.lines.push_back(r.line);
    ranges.push_back({r.byte_offset, r.byte_length});
    doomed_.push_back(std::move(doomed));
  }
  if (ranges.empty()) return ok();
  MR_TRY(std::vector<std::string> raw, raw_(ranges));
  MR_INVARIANT(raw.size() == ranges.size(), "each range gives its bytes");
  for (std::size_t i = 0; i < raw.size(); ++i) doomed_[first + i].reject.raw = std::move(raw[i]);
  return ok();
}

void RowChecks::add_newest(Batch& batch, const KeySql& key, Found& found) {
  const std::string superseded = quote(dialect_, superseded_table(*rows_.source));
  // A row that is checked again counts as of its own file, whatever has been loaded meanwhile.
  const std::string file =
      fmt::format("CASE WHEN _mr_file_id = {} THEN {} ELSE _mr_file_id END", rows_.mark, rows_.file_id);
  const auto only_if_any = [&found](Statement& s) {
    if (!found.any) s.sql.clear();
    return ok();
  };
  Statement insert = statement("insert_superseded",
                               warehouse::fill(sql::insert_superseded, {{"table", table()},
                                                                        {"superseded", superseded},
                                                                        {"key", key.columns},
                                                                        {"key_present", key.present},
                                                                        {"same_key", key.same},
                                                                        {"newest_by", key.newest_by},
                                                                        {"file", file}}),
                               {rows_.mark});
  insert.before = only_if_any;
  batch.statements.push_back(std::move(insert));
  Statement remove =
      statement("delete_superseded",
                warehouse::fill(sql::delete_superseded, {{"table", table()}, {"superseded", superseded}}), {});
  remove.before = only_if_any;
  batch.statements.push_back(std::move(remove));
}

void RowChecks::add_counts_to(Batch& batch) const {
  if (rows_.source->on_duplicate_key != OnDuplicateKey::newest) return;
  const std::string superseded = quote(dialect_, superseded_table(*rows_.source));
  batch.statements.push_back(statement(
      "count_superseded", warehouse::fill(sql::count_superseded, {{"superseded", superseded}}), {rows_.file_id}));
}

}  // namespace millrace::ingest
