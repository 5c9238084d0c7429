#include "ingest/row_checks.h"

#include <fmt/format.h>

#include <algorithm>

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

/// The statement runs only where `when` says so, just before.
Statement only(std::function<bool()> when, Statement s) {
  s.before = [when = std::move(when)](Statement& statement) {
    if (!when()) statement.sql.clear();
    return ok();
  };
  return s;
}

}  // namespace

Statement RowChecks::statement(std::string_view name, std::string sql, std::vector<Value> params) const {
  return {"ingest/" + std::string(name), std::move(sql), std::move(params)};
}

std::string RowChecks::table(Among among) const {
  return among == Among::held ? "temp." + dialect_.quote("_mr_held") : quote(dialect_, rows_.source->table);
}

void RowChecks::add_to(Batch& batch) {
  const Contract& contract = rows_.source->contract;
  if (gate_ != nullptr) add_held_rows(batch, table(), [this] { return !gate_->tight(); });
  // A row that breaks a rule holds no key against another one; a row that goes is not warned of.
  for (const RowRule& rule : contract.row_rules)
    if (rule.severity == Severity::error) add_rule(batch, rule, Among::landing);
  if (rows_.source->on_duplicate_key != OnDuplicateKey::keep)
    for (const auto& set : contract.unique_sets()) add_key(batch, set);
  if (gate_ != nullptr) add_held(batch);
  for (const RowRule& rule : contract.row_rules)
    if (rule.severity == Severity::warning) add_warning(batch, rule);
}

void RowChecks::add_held_rows(Batch& batch, const std::string& into, When when) {
  std::vector<std::string> columns;
  for (const Column& column : gate_->held().columns()) columns.push_back(dialect_.quote(column.name));
  columns.resize(columns.size() - 3);  // those that say where a row stands are in the statement
  Statement rows = only(
      std::move(when),
      statement("insert_rows", warehouse::fill(sql::insert_rows, {{"table", into}, {"columns", join(columns, ", ")}}),
                {rows_.mark}));
  rows.source = &gate_->held();
  batch.statements.push_back(std::move(rows));
}

/// Rows whose key perhaps stands in an earlier line: asked aside, so that the landing table gets the good ones
/// only. All other rows stand there by now.
void RowChecks::add_held(Batch& batch) {
  const auto when = [this] { return settles(); };
  const std::string held = table(Among::held);
  const auto add = [&](std::string_view name, std::string_view sql) {
    batch.statements.push_back(
        only(when, statement(name, warehouse::fill(sql, {{"table", table()}, {"held", held}}), {})));
  };
  add("create_held", sql::create_held);
  add_held_rows(batch, held, when);
  for (const RowRule& rule : rows_.source->contract.row_rules)
    if (rule.severity == Severity::error) add_rule(batch, rule, Among::held);
  for (const auto& set : rows_.source->contract.unique_sets())
    add_quarantine(batch, key_sql(dialect_, *rows_.source, set), found_.emplace_back(), Among::held);
  add("insert_held", sql::insert_held);
  add("drop_held", sql::drop_held);
}

/// Named so that an error of the engine says which rule of which file it is about.
Statement RowChecks::rule_statement(std::string_view name, std::string_view sql, const RowRule& rule, std::size_t most,
                                    Among among) const {
  Statement s = statement(
      name, warehouse::fill(sql, {{"table", table(among)}, {"rule", rule.sql}, {"most", std::to_string(most)}}),
      {rows_.mark});
  s.name = fmt::format("{}: rule {}, {}", rows_.source->contract_path, rule.name, printable(rule.sql));
  return s;
}

void RowChecks::add_rule(Batch& batch, const RowRule& rule, Among among) {
  Found& found = found_.emplace_back();
  Statement find = rule_statement("find_broken", sql::find_broken, rule, kMostDoomed + 1, among);
  if (among == Among::held) find = only([this] { return settles(); }, std::move(find));
  find.on_rows = [this, &rule, &found](const Rows& rows) { return take_broken(rows, rule, found); };
  batch.statements.push_back(std::move(find));
  add_removal(batch, found, among);
}

void RowChecks::add_warning(Batch& batch, const RowRule& rule) {
  Found& found = found_.emplace_back();
  Statement count = rule_statement("count_broken", sql::count_broken, rule, 0, Among::landing);
  count.on_rows = [this, &found](const Rows& rows) {
    const std::int64_t n = to_integer(rows.rows.at(0).at(0));
    flagged_ += n;
    found.any = n > 0;
    return ok();
  };
  batch.statements.push_back(std::move(count));
  Statement find = rule_statement("find_broken", sql::find_broken, rule, kMostFlags, Among::landing);
  find = only([&found] { return found.any; }, std::move(find));
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
  if (doomed_.size() + rows.rows.size() <= kMostDoomed) return ok();
  std::int64_t first = to_integer(rows.rows[0][0]);
  for (const DoomedRow& d : doomed_) first = std::min(first, d.reject.line);
  refusal_ = FileReject{RejectCode::too_many_rejects,
                        fmt::format("{}: more than {} broken; the first is line {}", what,
                                    counted(static_cast<std::int64_t>(kMostDoomed), "record"), first)};
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
  const auto note = [&found](const Rows& rows) {
    found.any = found.any || std::get<bool>(rows.rows.at(0).at(0));
    return ok();
  };
  const auto ask = [&](std::string_view name, std::string_view sql, When when) {
    Statement s =
        statement(name, warehouse::fill(sql, {{"table", table()}, {"key", key.columns}, {"key_present", key.present}}),
                  {rows_.mark});
    if (when) s = only(std::move(when), std::move(s));
    s.on_rows = note;
    batch.statements.push_back(std::move(s));
  };
  ask("any_twice", sql::any_twice, [this] { return gate_ == nullptr || !gate_->tight(); });
  Statement others = statement("any_others", warehouse::fill(sql::any_others, {{"table", table()}}), {rows_.mark});
  others.on_rows = [&found](const Rows& rows) {
    found.others = std::get<bool>(rows.rows.at(0).at(0));
    return ok();
  };
  batch.statements.push_back(std::move(others));
  ask("any_elsewhere", sql::any_elsewhere, [&found] { return found.others && !found.any; });
  if (rows_.source->on_duplicate_key == OnDuplicateKey::newest)
    add_newest(batch, key, found);
  else
    add_quarantine(batch, key, found, Among::landing);
}

void RowChecks::add_quarantine(Batch& batch, const KeySql& key, Found& found, Among among) {
  const bool held = among == Among::held;
  Statement find = statement("find_duplicates",
                             warehouse::fill(sql::find_duplicates, {{"table", table(among)},
                                                                    {"landing", table()},
                                                                    {"elsewhere", held ? "true" : "_mr_file_id <> $1"},
                                                                    {"key", key.columns},
                                                                    {"key_present", key.present},
                                                                    {"most", std::to_string(kMostDoomed + 1)}}),
                             {rows_.mark});
  find = only([this, held, &found] { return held ? settles() : found.any; }, std::move(find));
  find.on_rows = [this, names = key.names, &found](const Rows& rows) { return take_duplicates(rows, names, found); };
  batch.statements.push_back(std::move(find));
  add_removal(batch, found, among);
}

void RowChecks::add_removal(Batch& batch, Found& found, Among among) {
  Statement remove =
      only([&found] { return !found.lines.empty(); },
           statement("delete_lines", warehouse::fill(sql::delete_lines, {{"table", table(among)}}), {rows_.mark}));
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
    const bool in_file = is_null(row[3]) && to_integer(row[4]) == rows_.file_id;
    if (!is_null(row[3]) || (in_file && rows_.mark == rows_.file_id)) {
      r.reason =
          fmt::format("{}: the same value stands in line {} already", key_names, to_integer(row[in_file ? 5 : 3]));
    } else if (in_file) {
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
