#include "ingest/load_transaction.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/words.h"
#include "ingest/sql.gen.h"

namespace millrace::ingest {
namespace {

using lake::FileFacts;
using lake::FileSource;
using warehouse::Batch;
using warehouse::Rows;
using warehouse::Statement;
using warehouse::to_integer;
using warehouse::Value;

constexpr std::size_t kMostExamples = 5;

std::vector<Column> reject_columns() {
  const ColumnType number{TypeKind::int64}, text{TypeKind::text};
  return {{"line", number},      {"byte_offset", number}, {"byte_length", number},  {"code", text},
          {"column_name", text}, {"reason", text},        {"raw", {TypeKind::blob}}};
}

std::vector<Column> entry_columns() {
  const ColumnType number{TypeKind::int64}, text{TypeKind::text};
  return {{"sha256", text},         {"size_bytes", number},  {"state", text},      {"records", number},
          {"flagged", number},      {"blank_lines", number}, {"code", text},       {"reason", text},
          {"duplicate_of", number}, {"replaces", number},    {"archive_key", text}};
}

Value or_null(const std::string& text) { return text.empty() ? Value{} : Value{text}; }

std::vector<Reject> first_of(const std::vector<Reject>& all) {
  return {all.begin(), all.begin() + static_cast<std::ptrdiff_t>(std::min(all.size(), kMostExamples))};
}

}  // namespace

LoadTransaction::LoadTransaction(warehouse::Session& session, lake::ObjectStore& store, LoadPlan plan)
    : session_(session), store_(store), plan_(std::move(plan)), table_(quote(session.dialect(), plan_.source->table)) {
  outcome_.source = plan_.source->name;
  outcome_.key = plan_.key;
  outcome_.file_id = plan_.file_id();
  outcome_.bytes = plan_.object.size_bytes;
  outcome_.from_archive = plan_.from_archive;
  if (plan_.duplicate_of) outcome_.duplicate_of = plan_.duplicate_of->key;
}

Statement LoadTransaction::statement(std::string_view name, std::string sql, std::vector<Value> params) const {
  return {"ingest/" + std::string(name), std::move(sql), std::move(params)};
}

RowList& LoadTransaction::keep(std::vector<Column> columns, std::function<Result<ValueRows>()> make) {
  return lists_.emplace_back(std::move(columns), std::move(make));
}

void LoadTransaction::add_replacement(Batch& batch) const {
  if (!plan_.held) return;
  batch.statements.push_back(statement(
      "delete_rows_of_file", warehouse::fill(sql::delete_rows_of_file, {{"table", table_}}), {plan_.held->file_id}));
  batch.statements.push_back(statement("mark_replaced", std::string(sql::mark_replaced), {plan_.held->file_id}));
}

void LoadTransaction::add_duplicates(Batch& batch) {
  const warehouse::Dialect& d = session_.dialect();
  for (const auto& set : plan_.source->contract.unique_sets()) {
    std::vector<std::string> names, quoted, present;
    for (std::size_t i : set) {
      names.push_back(plan_.source->contract.columns[i].name);
      quoted.push_back(d.quote(names.back()));
      present.push_back(quoted.back() + " IS NOT NULL");
    }
    Duplicates& duplicates = duplicates_.emplace_back();
    const std::string key = join(quoted, ", "), key_present = join(present, " AND ");
    Statement any =
        statement("any_duplicates",
                  warehouse::fill(sql::any_duplicates, {{"table", table_}, {"key", key}, {"key_present", key_present}}),
                  {plan_.file_id()});
    any.on_rows = [&duplicates](const Rows& rows) {
      duplicates.any = std::get<bool>(rows.rows.at(0).at(0));
      return ok();
    };
    batch.statements.push_back(std::move(any));
    const auto only_if_any = [&duplicates](Statement& s) {
      if (!duplicates.any) s.sql.clear();
      return ok();
    };
    Statement find = statement(
        "find_duplicates",
        warehouse::fill(sql::find_duplicates, {{"table", table_}, {"key", key}, {"key_present", key_present}}),
        {plan_.file_id()});
    find.before = only_if_any;
    find.on_rows = [this, key_names = join(names, ", "), &duplicates](const Rows& rows) {
      return take_duplicates(rows, key_names, duplicates.lines);
    };
    batch.statements.push_back(std::move(find));
    Statement remove =
        statement("delete_lines", warehouse::fill(sql::delete_lines, {{"table", table_}}), {plan_.file_id()});
    remove.before = only_if_any;
    remove.source = &keep({{"line", {TypeKind::int64}}}, [&duplicates]() -> Result<ValueRows> {
      ValueRows rows;
      for (std::int64_t line : duplicates.lines) rows.push_back({line});
      return rows;
    });
    batch.statements.push_back(std::move(remove));
  }
}

/// Remembers the rows that another row with their key makes superfluous, with their own bytes.
Status LoadTransaction::take_duplicates(const Rows& rows, const std::string& key_names,
                                        std::vector<std::int64_t>& lines) {
  if (rows.rows.empty()) return ok();
  MR_TRY(const auto reader, store_.open(plan_.object));
  for (const auto& row : rows.rows) {
    Reject r;
    r.line = to_integer(row[0]);
    if (!lines.empty() && lines.back() == r.line) continue;  // twice here and held elsewhere
    r.byte_offset = static_cast<std::uint64_t>(to_integer(row[1]));
    r.byte_length = static_cast<std::uint64_t>(to_integer(row[2]));
    r.code = RejectCode::duplicate_key;
    r.column = key_names;
    const bool here = !std::holds_alternative<std::monostate>(row[3]);
    r.reason = here ? fmt::format("{}: the same value stands in line {} already", key_names, to_integer(row[3]))
                    : fmt::format("{}: the same value is loaded from another file already", key_names);
    MR_TRY(r.raw, reader->read_range(r.byte_offset, r.byte_length));
    while (!r.raw.empty() && (r.raw.back() == '\n' || r.raw.back() == '\r')) r.raw.pop_back();
    lines.push_back(r.line);
    doomed_.push_back(std::move(r));
  }
  return ok();
}

Result<ValueRows> LoadTransaction::reject_rows(FileSource& file) {
  std::vector<Reject> all = file.take_rejects();
  all.insert(all.end(), doomed_.begin(), doomed_.end());
  std::stable_sort(all.begin(), all.end(), [](const Reject& a, const Reject& b) { return a.line < b.line; });
  outcome_.examples = first_of(all);
  ValueRows rows;
  rows.reserve(all.size());
  for (Reject& r : all) {
    ++outcome_.rejects_by_code[std::string(name_of(r.code))];
    rows.push_back({r.line, static_cast<std::int64_t>(r.byte_offset), static_cast<std::int64_t>(r.byte_length),
                    std::string(name_of(r.code)), or_null(r.column), std::move(r.reason), std::move(r.raw)});
  }
  return rows;
}

ValueRows LoadTransaction::flag_rows(FileSource& file) {
  std::set<std::int64_t> doomed;
  for (const Reject& r : doomed_) doomed.insert(r.line);
  std::vector<Reject> all = file.take_flags();
  std::set<std::int64_t> gone;  // lines: a row may carry several flags
  std::erase_if(all, [&](const Reject& r) { return doomed.contains(r.line) && (gone.insert(r.line), true); });
  flagged_and_gone_ = static_cast<std::int64_t>(gone.size());
  outcome_.flag_examples = first_of(all);
  ValueRows rows;
  for (Reject& r : all) rows.push_back({r.line, std::string(name_of(r.code)), or_null(r.column), std::move(r.reason)});
  return rows;
}

/// The source's policy on rejects, once they are all known.
Status LoadTransaction::judge_rejects(const FileFacts& facts) {
  const auto rejected = facts.rejected + static_cast<std::int64_t>(doomed_.size());
  if (rejected == 0) return ok();
  const Reject& first = outcome_.examples.front();
  const std::string example = fmt::format("the first is line {}: {}", first.line, first.reason);
  const Source& source = *plan_.source;
  RejectCode code = RejectCode::none;
  std::string reason;
  if (source.on_reject == OnReject::fail_file) {
    code = RejectCode::broken_record;
    reason = fmt::format("{}; {}", counted(rejected, "broken record"), example);
  } else if (source.reject_limit &&
             static_cast<double>(rejected) > *source.reject_limit * static_cast<double>(facts.records)) {
    code = RejectCode::too_many_rejects;
    reason = fmt::format("{} of {} broken, allowed are {:g} %; {}", with_thousands(rejected),
                         counted(facts.records, "record"), *source.reject_limit * 100, example);
  }
  if (code == RejectCode::none) return ok();
  refusal_ = FileVerdict{FileState::quarantined, facts.sha256, std::string(name_of(code)), reason};
  return Error{ErrorKind::contract_violation, reason, std::string(meaning_of(code).hint), {}};
}

std::string LoadTransaction::archive_name(std::string_view area) const {
  if (plan_.from_archive) return plan_.object.key;
  // The bytes of a duplicate are kept already: one copy is enough.
  if (plan_.duplicate_of) return plan_.duplicate_of->archive_key;
  return ArchiveName::make(area, to_iso_date(plan_.now), *plan_.source, plan_.key, plan_.file_id());
}

ValueRows LoadTransaction::entry_row(const FileOutcome& o, std::int64_t blank_lines) const {
  return {{o.sha256, static_cast<std::int64_t>(o.bytes), std::string(name_of(o.state)), o.records, o.rows_flagged,
           blank_lines, or_null(o.code), or_null(o.reason),
           plan_.duplicate_of ? Value{plan_.duplicate_of->file_id} : Value{},
           plan_.held ? Value{plan_.held->file_id} : Value{}, o.archive_key}};
}

Result<ValueRows> LoadTransaction::fact_rows(FileSource& file) {
  MR_TRY(const FileFacts facts, file.facts());
  if (facts.stored_bytes != plan_.object.size_bytes || (plan_.sha256 && *plan_.sha256 != facts.sha256))
    return Error{ErrorKind::conflict,
                 fmt::format("{}: the file changed while it was read", plan_.key),
                 "it is looked at again",
                 {}};
  MR_CHECK(judge_rejects(facts));
  FileOutcome& o = outcome_;
  o.sha256 = facts.sha256;
  o.records = facts.records;
  o.rows_quarantined = facts.rejected + static_cast<std::int64_t>(doomed_.size());
  o.rows_loaded = facts.records - o.rows_quarantined;
  o.rows_flagged = facts.flagged - flagged_and_gone_;
  for (const auto& [code, n] : facts.warnings) o.warnings_by_code[std::string(name_of(code))] = n;
  o.state = facts.records == 0 ? FileState::empty : FileState::loaded;
  o.archive_key = archive_name(kProcessed);
  o.replaced_older = plan_.held.has_value();
  return entry_row(o, facts.blank_lines);
}

void LoadTransaction::add_entry(Batch& batch, std::function<Result<ValueRows>()> facts) {
  const std::string now = to_sql_timestamp(plan_.now);
  Statement insert = statement("insert_entry", warehouse::fill(sql::insert_entry, {{"table", table_}}),
                               {plan_.file_id(), plan_.source->name, plan_.key, plan_.source->contract.sha256, now,
                                plan_.from_archive ? Value{now} : Value{}});
  insert.source = &keep(entry_columns(), std::move(facts));
  insert.expect_affected = 1;
  batch.statements.push_back(std::move(insert));
  Statement check = statement("check_entry", std::string(sql::check_entry), {plan_.file_id()});
  check.on_rows = [this](const Rows& rows) -> Status {
    const auto& row = rows.rows.at(0);
    if (to_integer(row[0]) == to_integer(row[1]) + to_integer(row[2])) return ok();
    return Error{ErrorKind::internal,
                 fmt::format("{}: {} records, but {} rows and {} rejects in the tables; nothing was committed",
                             plan_.key, to_integer(row[0]), to_integer(row[1]), to_integer(row[2])),
                 {},
                 {}};
  };
  batch.statements.push_back(std::move(check));
}

Batch LoadTransaction::load(FileSource& file) {
  Batch batch{"load " + plan_.id(), {}};
  Statement fence = statement("move_fence", std::string(sql::move_fence), {plan_.fence});
  fence.expect_affected = 1;
  batch.statements.push_back(std::move(fence));
  add_replacement(batch);
  std::vector<std::string> columns;
  for (const ColumnContract& c : plan_.source->contract.columns) columns.push_back(session_.dialect().quote(c.name));
  Statement rows =
      statement("insert_rows", warehouse::fill(sql::insert_rows, {{"table", table_}, {"columns", join(columns, ", ")}}),
                {plan_.file_id()});
  rows.source = &file;
  batch.statements.push_back(std::move(rows));
  add_duplicates(batch);
  Statement rejects = statement("insert_quarantine", std::string(sql::insert_quarantine), {plan_.file_id()});
  rejects.source = &keep(reject_columns(), [this, &file] { return reject_rows(file); });
  batch.statements.push_back(std::move(rejects));
  Statement flags = statement("insert_flags", std::string(sql::insert_flags), {plan_.file_id()});
  const ColumnType number{TypeKind::int64}, text{TypeKind::text};
  flags.source = &keep({{"line", number}, {"code", text}, {"column_name", text}, {"reason", text}},
                       [this, &file]() -> Result<ValueRows> { return flag_rows(file); });
  batch.statements.push_back(std::move(flags));
  add_entry(batch, [this, &file] { return fact_rows(file); });
  return batch;
}

Batch LoadTransaction::record(const FileVerdict& verdict) {
  Batch batch{"record " + plan_.id(), {}};
  Statement fence = statement("move_fence", std::string(sql::move_fence), {plan_.fence});
  fence.expect_affected = 1;
  batch.statements.push_back(std::move(fence));
  const bool refused = verdict.state == FileState::quarantined;
  FileOutcome& o = outcome_;
  o.state = verdict.state;
  o.sha256 = verdict.sha256;
  o.code = verdict.code;
  o.reason = verdict.reason;
  o.archive_key = archive_name(refused ? kQuarantine : kProcessed);
  o.records = o.rows_loaded = o.rows_quarantined = o.rows_flagged = 0;
  plan_.held.reset();  // nothing is replaced: the version that is loaded stays
  add_entry(batch, [this]() -> Result<ValueRows> { return entry_row(outcome_, 0); });
  return batch;
}

}  // namespace millrace::ingest
