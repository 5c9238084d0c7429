#include "ingest/row_checks.h"

#include <fmt/format.h>

#include "base/words.h"
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

/// line, offset, length as the first columns of a row.
Reject reject_at(const std::vector<Value>& row, RejectCode code) {
  Reject r;
  r.line = to_integer(row[0]);
  r.byte_offset = static_cast<std::uint64_t>(to_integer(row[1]));
  r.byte_length = static_cast<std::uint64_t>(to_integer(row[2]));
  r.code = code;
  return r;
}

Reject broken(const std::vector<Value>& row, const RowRule& rule) {
  Reject r = reject_at(row, RejectCode::broken_rule);
  r.reason = fmt::format("{}: expected {}{}", rule.name, printable(rule.sql, 300),
                         rule.description.empty() ? "" : " (" + printable(rule.description, 300) + ")");
  return r;
}

}  // namespace

Statement RowChecks::statement(std::string_view name, std::string sql, std::vector<Value> params) const {
  return {"ingest/" + std::string(name), std::move(sql), std::move(params)};
}

void RowChecks::add_to(Batch& batch) {
  const Contract& contract = rows_.source->contract;
  // A row that breaks a rule holds no key against another one; a row that goes is not warned of.
  for (const RowRule& rule : contract.row_rules)
    if (rule.severity == Severity::error) add_rule(batch, rule);
  if (rows_.source->on_duplicate_key != OnDuplicateKey::keep)
    for (const auto& set : contract.unique_sets()) add_key(batch, set);
  for (const RowRule& rule : contract.row_rules)
    if (rule.severity == Severity::warning) add_warning(batch, rule);
}

/// Named so that an error of the engine says which rule of which file it is about.
Statement RowChecks::rule_statement(std::string_view name, std::string_view sql, const RowRule& rule,
                                    std::size_t most) const {
  Statement s =
      statement(name, warehouse::fill(sql, {{"table", table()}, {"rule", rule.sql}, {"most", std::to_string(most)}}),
                {rows_.mark});
  s.name = fmt::format("{}: rule {}, {}", rows_.source->contract_path, rule.name, printable(rule.sql));
  return s;
}

void RowChecks::add_rule(Batch& batch, const RowRule& rule) {
  Found& found = found_.emplace_back();
  Statement find = rule_statement("find_broken", sql::find_broken, rule, kMostDoomed + 1);
  find.on_rows = [this, &rule, &found](const Rows& rows) { return take_broken(rows, rule, found); };
  batch.statements.push_back(std::move(find));
  add_removal(batch, found);
}

void RowChecks::add_warning(Batch& batch, const RowRule& rule) {
  Found& found = found_.emplace_back();
  Statement count = rule_statement("count_broken", sql::count_broken, rule, 0);
  count.on_rows = [this, &found](const Rows& rows) {
    const std::int64_t n = to_integer(rows.rows.at(0).at(0));
    flagged_ += n;
    found.any = n > 0;
    return ok();
  };
  batch.statements.push_back(std::move(count));
  Statement find = rule_statement("find_broken", sql::find_broken, rule, kMostFlags);
  find.before = [&found](Statement& s) {
    if (!found.any) s.sql.clear();
    return ok();
  };
  find.on_rows = [this, &rule](const Rows& rows) {
    for (const auto& row : rows.rows) flags_.push_back(broken(row, rule));
    return ok();
  };
  batch.statements.push_back(std::move(find));
}

Status RowChecks::take_broken(const Rows& rows, const RowRule& rule, Found& found) {
  MR_CHECK(limited(rows, "rule " + rule.name));
  std::vector<DoomedRow> doomed;
  for (const auto& row : rows.rows) doomed.push_back({broken(row, rule)});
  return doom(std::move(doomed), found);
}

/// More than can be kept aside: then nothing of the file is loaded.
Status RowChecks::limited(const Rows& rows, std::string_view what) {
  if (rows.rows.size() <= kMostDoomed) return ok();
  refusal_ =
      FileReject{RejectCode::too_many_rejects,
                 fmt::format("{}: more than {} broken; the first is line {}", what,
                             counted(static_cast<std::int64_t>(kMostDoomed), "record"), to_integer(rows.rows[0][0]))};
  return Error{ErrorKind::contract_violation, refusal_->reason, {}, {}};
}

/// Remembers rows that are to go, with their own bytes.
Status RowChecks::doom(std::vector<DoomedRow> rows, Found& found) {
  if (rows.empty()) return ok();
  std::vector<lake::TextRange> ranges;
  for (const DoomedRow& d : rows) ranges.push_back({d.reject.byte_offset, d.reject.byte_length});
  MR_TRY(std::vector<std::string> raw, raw_(ranges));
  MR_INVARIANT(raw.size() == rows.size(), "each range gives its bytes");
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i].reject.raw = std::move(raw[i]);
    found.lines.push_back(rows[i].reject.line);
    doomed_.push_back(std::move(rows[i]));
  }
  return ok();
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
  Statement find = statement("find_duplicates",
                             warehouse::fill(sql::find_duplicates, {{"table", table()},
                                                                    {"key", key.columns},
                                                                    {"key_present", key.present},
                                                                    {"most", std::to_string(kMostDoomed + 1)}}),
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

/// The rows that another row with their key makes superfluous.
Status RowChecks::take_duplicates(const Rows& rows, const std::string& key_names, Found& found) {
  MR_CHECK(limited(rows, key_names + " twice"));
  std::vector<DoomedRow> all;
  for (const auto& row : rows.rows) {
    DoomedRow doomed{reject_at(row, RejectCode::duplicate_key)};
    Reject& r = doomed.reject;
    if (!all.empty() && all.back().reject.line == r.line) continue;  // twice here and held elsewhere
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
    all.push_back(std::move(doomed));
  }
  return doom(std::move(all), found);
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
