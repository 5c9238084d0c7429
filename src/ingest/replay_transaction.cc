#include "ingest/replay_transaction.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/words.h"
#include "ingest/sql.gen.h"

namespace millrace::ingest {

using lake::RecordListSource;
using warehouse::Batch;
using warehouse::Rows;
using warehouse::Statement;
using warehouse::to_integer;
using warehouse::Value;

namespace {

const ColumnType kNumber{TypeKind::int64}, kText{TypeKind::text};

Value or_null(const std::string& text) { return text.empty() ? Value{} : Value{text}; }

}  // namespace

ReplayTransaction::ReplayTransaction(const warehouse::Dialect& dialect, ReplayPlan plan)
    : dialect_(dialect),
      plan_(std::move(plan)),
      table_(quote(dialect, plan_.source->table)),
      superseded_(quote(dialect, superseded_table(*plan_.source))),
      checks_(dialect, {plan_.source, plan_.id(), plan_.file.file_id}) {
  checks_.read_raw_by([this](std::span<const lake::TextRange> ranges) { return raw_of(ranges); });
}

Statement ReplayTransaction::statement(std::string_view name, std::string sql, std::vector<Value> params) const {
  return {"ingest/" + std::string(name), std::move(sql), std::move(params)};
}

/// The bytes are in quarantine: the file need not be read for them.
Result<std::vector<std::string>> ReplayTransaction::raw_of(std::span<const lake::TextRange> ranges) const {
  std::vector<std::string> out;
  for (const lake::TextRange& range : ranges) {
    const auto row = std::lower_bound(plan_.rows.begin(), plan_.rows.end(), range.offset,
                                      [](const QuarantinedRow& r, std::uint64_t at) { return r.byte_offset < at; });
    MR_INVARIANT(row != plan_.rows.end() && row->byte_offset == range.offset, "only rows of the plan are checked");
    out.push_back(row->raw);
  }
  return out;
}

void ReplayTransaction::add_rows(Batch& batch, RecordListSource& records) {
  std::vector<std::string> columns;
  for (const ColumnContract& c : plan_.source->contract.columns) columns.push_back(dialect_.quote(c.name));
  for (const std::string& name : records.new_columns()) {
    columns.push_back(dialect_.quote(name));
    for (const auto& table : {plan_.source->table, superseded_table(*plan_.source)})
      batch.statements.push_back(add_column(dialect_, table, {name, kText}));
  }
  Statement rows = statement(
      "insert_replayed", warehouse::fill(sql::insert_replayed, {{"table", table_}, {"columns", join(columns, ", ")}}),
      {plan_.id()});
  rows.source = &records;
  batch.statements.push_back(std::move(rows));
}

/// Rows that pass leave quarantine and become their file's.
void ReplayTransaction::add_moves(Batch& batch) {
  Statement release = statement(
      "release_quarantine", warehouse::fill(sql::release_quarantine, {{"table", table_}, {"superseded", superseded_}}),
      {plan_.file.file_id, plan_.id()});
  release.on_done = [this](const warehouse::Done& done) { loaded_ = done.affected; };
  batch.statements.push_back(std::move(release));
  for (const std::string& table : {table_, superseded_})
    batch.statements.push_back(statement("adopt_rows", warehouse::fill(sql::adopt_rows, {{"table", table}}),
                                         {plan_.file.file_id, plan_.id()}));
}

Result<ValueRows> ReplayTransaction::reason_rows(RecordListSource& records) {
  std::vector<DoomedRow> all = checks_.doomed();
  for (Reject& r : records.take_rejects()) all.push_back({std::move(r)});
  ValueRows rows;
  for (const DoomedRow& doomed : all) {
    const Reject& r = doomed.reject;
    gone_.insert(r.line);
    ++rejects_by_code_[std::string(name_of(r.code))];
    rows.push_back({r.line, std::string(name_of(r.code)), or_null(r.column), r.reason,
                    doomed.duplicate_of > 0 ? Value{doomed.duplicate_of} : Value{}});
    const auto old = std::lower_bound(plan_.rows.begin(), plan_.rows.end(), r.line,
                                      [](const QuarantinedRow& q, std::int64_t line) { return q.line < line; });
    MR_INVARIANT(old != plan_.rows.end() && old->line == r.line, "only rows of the plan are checked");
    reasons_changed_ =
        reasons_changed_ || old->code != name_of(r.code) || old->column != r.column || old->reason != r.reason;
  }
  return rows;
}

void ReplayTransaction::add_reasons(Batch& batch, RecordListSource& records) {
  const Contract& contract = plan_.source->contract;
  Statement update = statement("update_quarantine", std::string(sql::update_quarantine),
                               {plan_.file.file_id, contract.version, contract.sha256});
  update.source = &lists_.emplace_back(
      std::vector<Column>{
          {"line", kNumber}, {"code", kText}, {"column_name", kText}, {"reason", kText}, {"duplicate_of", kNumber}},
      [this, &records] { return reason_rows(records); });
  batch.statements.push_back(std::move(update));
}

Result<ValueRows> ReplayTransaction::flag_rows(RecordListSource& records) {
  std::vector<Reject> all = records.take_flags();
  std::erase_if(all, [this](const Reject& r) { return gone_.contains(r.line); });
  all.insert(all.end(), checks_.flags().begin(), checks_.flags().end());
  std::set<std::int64_t> lines;
  ValueRows rows;
  for (const Reject& r : all) {
    lines.insert(r.line);
    ++warnings_by_code_[std::string(name_of(r.code))];
    rows.push_back({r.line, std::string(name_of(r.code)), or_null(r.column), r.reason});
  }
  flagged_ = static_cast<std::int64_t>(lines.size());
  return rows;
}

void ReplayTransaction::add_flags(Batch& batch, RecordListSource& records) {
  Statement flags = statement("insert_flags", std::string(sql::insert_flags), {plan_.file.file_id});
  flags.source = &lists_.emplace_back(
      std::vector<Column>{{"line", kNumber}, {"code", kText}, {"column_name", kText}, {"reason", kText}},
      [this, &records] { return flag_rows(records); });
  batch.statements.push_back(std::move(flags));
  Statement warnings = statement("insert_warnings", std::string(sql::insert_warnings), {plan_.file.file_id});
  warnings.source =
      &lists_.emplace_back(std::vector<Column>{{"code", kText}, {"n", kNumber}}, [this]() -> Result<ValueRows> {
        ValueRows rows;
        for (const auto& [code, n] : warnings_by_code_) rows.push_back({code, n});
        return rows;
      });
  batch.statements.push_back(std::move(warnings));
}

/// The file's own ledger row follows, the replay gets one, and both are compared with the tables.
void ReplayTransaction::add_entries(Batch& batch) {
  const std::int64_t file = plan_.file.file_id;
  Statement count =
      statement("count_replayed", warehouse::fill(sql::count_replayed, {{"superseded", superseded_}}), {});
  count.before = [this, file](Statement& s) {
    s.params = {file, loaded_, flagged_};
    return ok();
  };
  count.expect_affected = 1;
  batch.statements.push_back(std::move(count));
  checks_.add_counts_to(batch);
  Statement insert = statement("insert_replay", std::string(sql::insert_replay), {});
  insert.before = [this, file](Statement& s) {
    const Contract& contract = plan_.source->contract;
    s.params = {plan_.id(),
                file,
                static_cast<std::int64_t>(plan_.rows.size()),
                loaded_,
                flagged_,
                contract.version,
                contract.sha256,
                to_sql_timestamp(plan_.now)};
    return ok();
  };
  insert.expect_affected = 1;
  batch.statements.push_back(std::move(insert));
  Statement check = statement("check_replayed", warehouse::fill(sql::check_replayed, {{"table", table_}}), {file});
  check.on_rows = [this](const Rows& rows) -> Status {
    const auto& row = rows.rows.at(0);
    if (to_integer(row[1]) == to_integer(row[2]) && to_integer(row[3]) == to_integer(row[4]) &&
        to_integer(row[0]) == to_integer(row[5]))
      return ok();
    return Error{
        ErrorKind::internal,
        fmt::format("{}: after the replay {} rows and {} quarantined are counted, the tables hold {} and {}; "
                    "nothing was committed",
                    plan_.file.key, to_integer(row[1]), to_integer(row[3]), to_integer(row[2]), to_integer(row[4])),
        {},
        {}};
  };
  batch.statements.push_back(std::move(check));
  Statement mark = statement("mark_changed", std::string(sql::mark_changed), {});
  mark.before = [this](Statement& s) {
    if (loaded_ == 0) s.sql.clear();
    return ok();
  };
  batch.statements.push_back(std::move(mark));
}

Batch ReplayTransaction::batch(RecordListSource& records) {
  Batch batch{fmt::format("replay {}@{}", plan_.source->name, plan_.id()), {}};
  Statement fence = statement("move_fence", std::string(sql::move_fence), {plan_.fence});
  fence.expect_affected = 1;
  batch.statements.push_back(std::move(fence));
  add_rows(batch, records);
  checks_.add_to(batch);
  add_moves(batch);
  add_reasons(batch, records);
  add_flags(batch, records);
  add_entries(batch);
  batch.before_commit = [this, &records]() -> Status {
    if (!records.late_columns().empty()) return Error{ErrorKind::cancelled, "the rows need more columns", {}, {}};
    if (!nothing()) return ok();
    return Error{ErrorKind::cancelled, "nothing has changed", {}, {}};
  };
  return batch;
}

ReplayOutcome ReplayTransaction::outcome() const {
  ReplayOutcome o;
  o.source = plan_.source->name;
  o.key = plan_.file.key;
  o.file_id = plan_.file.file_id;
  o.replay_id = nothing() ? 0 : plan_.id();
  o.checked = static_cast<std::int64_t>(plan_.rows.size());
  o.loaded = loaded_;
  o.rejects_by_code = rejects_by_code_;
  return o;
}

}  // namespace millrace::ingest
