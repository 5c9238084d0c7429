#include "ingest/load_transaction.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/words.h"
#include "ingest/sql.gen.h"
#include "lake/landed.h"

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
  return {{"line", number},      {"byte_offset", number}, {"byte_length", number},   {"code", text},
          {"column_name", text}, {"reason", text},        {"raw", {TypeKind::blob}}, {"duplicate_of", number}};
}

std::vector<Column> entry_columns() {
  const ColumnType number{TypeKind::int64}, text{TypeKind::text};
  return {{"sha256", text},    {"size_bytes", number},   {"codec", text},         {"state", text},
          {"records", number}, {"flagged", number},      {"blank_lines", number}, {"code", text},
          {"reason", text},    {"duplicate_of", number}, {"replaces", number},    {"archive_key", text}};
}

Value or_null(const std::string& text) { return text.empty() ? Value{} : Value{text}; }

std::vector<Reject> first_of(const std::vector<Reject>& all) {
  return {all.begin(), all.begin() + static_cast<std::ptrdiff_t>(std::min(all.size(), kMostExamples))};
}

}  // namespace

LoadTransaction::LoadTransaction(warehouse::Session& session, lake::ObjectStore& store, LoadPlan plan)
    : session_(session),
      store_(store),
      plan_(std::move(plan)),
      table_(quote(session.dialect(), plan_.source->table)),
      checks_(session.dialect(), {plan_.source, plan_.file_id(), plan_.file_id()}) {
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

void LoadTransaction::add_fence(Batch& batch) const {
  Statement fence = statement("move_fence", std::string(sql::move_fence), {plan_.fence});
  fence.expect_affected = 1;
  batch.statements.push_back(std::move(fence));
}

void LoadTransaction::add_replacement(Batch& batch) const {
  if (!plan_.held) return;
  for (Statement& s : removal_of(session_.dialect(), *plan_.source, plan_.held->file_id, FileState::replaced))
    batch.statements.push_back(std::move(s));
}

void LoadTransaction::add_rows(Batch& batch, FileSource& file) {
  const warehouse::Dialect& d = session_.dialect();
  std::vector<std::string> columns;
  for (const ColumnContract& c : plan_.source->contract.columns) columns.push_back(d.quote(c.name));
  for (const std::string& name : file.new_columns()) {
    columns.push_back(d.quote(name));
    for (const auto& table : {plan_.source->table, superseded_table(*plan_.source)})
      batch.statements.push_back(add_column(d, table, {name, {TypeKind::text}}));
  }
  Statement rows =
      statement("insert_rows", warehouse::fill(sql::insert_rows, {{"table", table_}, {"columns", join(columns, ", ")}}),
                {plan_.file_id()});
  rows.source = &file;
  batch.statements.push_back(std::move(rows));
}

Result<ValueRows> LoadTransaction::reject_rows(FileSource& file) {
  std::vector<DoomedRow> all = checks_.doomed();
  for (Reject& r : file.take_rejects()) all.push_back({std::move(r)});
  std::stable_sort(all.begin(), all.end(),
                   [](const DoomedRow& a, const DoomedRow& b) { return a.reject.line < b.reject.line; });
  ValueRows rows;
  rows.reserve(all.size());
  for (DoomedRow& doomed : all) {
    Reject& r = doomed.reject;
    if (outcome_.examples.size() < kMostExamples) outcome_.examples.push_back(r);
    ++outcome_.rejects_by_code[std::string(name_of(r.code))];
    rows.push_back({r.line, static_cast<std::int64_t>(r.byte_offset), static_cast<std::int64_t>(r.byte_length),
                    std::string(name_of(r.code)), or_null(r.column), std::move(r.reason), std::move(r.raw),
                    doomed.duplicate_of > 0 ? Value{doomed.duplicate_of} : Value{}});
  }
  return rows;
}

ValueRows LoadTransaction::flag_rows(FileSource& file) {
  std::set<std::int64_t> doomed;
  for (const DoomedRow& d : checks_.doomed()) doomed.insert(d.reject.line);
  std::vector<Reject> all = file.take_flags();
  std::set<std::int64_t> gone, flagged;  // lines: a row may carry several flags
  std::erase_if(all, [&](const Reject& r) {
    if (!doomed.contains(r.line)) return flagged.insert(r.line), false;
    gone.insert(r.line);
    ++warnings_gone_[r.code];
    return true;
  });
  more_flagged_ = checks_.flagged() - static_cast<std::int64_t>(gone.size());
  for (const Reject& r : checks_.flags()) {
    if (!flagged.insert(r.line).second) --more_flagged_;
    all.push_back(r);
  }
  std::stable_sort(all.begin(), all.end(), [](const Reject& a, const Reject& b) { return a.line < b.line; });
  outcome_.flag_examples = first_of(all);
  outcome_.flags_kept = static_cast<std::int64_t>(all.size());
  ValueRows rows;
  for (Reject& r : all) rows.push_back({r.line, std::string(name_of(r.code)), or_null(r.column), std::move(r.reason)});
  return rows;
}

std::optional<FileVerdict> LoadTransaction::refusal() const {
  if (refusal_ || !checks_.refusal()) return refusal_;
  const FileReject& reject = *checks_.refusal();
  return FileVerdict{FileState::quarantined, "", std::string(name_of(reject.code)), reject.reason};
}

/// Must the file be refused whole, now that all of it is known?
std::optional<FileVerdict> LoadTransaction::verdict_on(const FileFacts& facts) const {
  const auto refuse = [&](RejectCode code, std::string reason) {
    return FileVerdict{FileState::quarantined, facts.sha256, std::string(name_of(code)), std::move(reason),
                       facts.codec};
  };
  const Source& source = *plan_.source;
  if (facts.records == 0 && source.on_empty == OnEmpty::refuse)
    return refuse(RejectCode::empty_file, facts.bytes == 0 ? "the file holds no byte" : "the file holds no record");
  const auto rejected = facts.rejected + static_cast<std::int64_t>(checks_.doomed().size());
  if (rejected == 0) return std::nullopt;
  const Reject& first = outcome_.examples.front();
  const std::string example = fmt::format("the first is line {}: {}", first.line, first.reason);
  if (source.on_reject == OnReject::fail_file)
    return refuse(RejectCode::broken_record, fmt::format("{}; {}", counted(rejected, "broken record"), example));
  if (source.reject_limit && static_cast<double>(rejected) > *source.reject_limit * static_cast<double>(facts.records))
    return refuse(RejectCode::too_many_rejects,
                  fmt::format("{} of {} broken, allowed are {:g} %; {}", with_thousands(rejected),
                              counted(facts.records, "record"), *source.reject_limit * 100, example));
  return std::nullopt;
}

/// `codec`: of the file, as far as it is known. What is refused is kept byte for byte.
std::string LoadTransaction::archive_name(std::string_view area, std::string_view codec) const {
  if (plan_.from_archive) return plan_.object.key;
  // The bytes of a duplicate are kept already: one copy is enough. One that has replaced rows keeps its own,
  // so that a warehouse that is filled again from the lake meets it in its turn.
  if (plan_.duplicate_of && !plan_.duplicate_expired && !plan_.held) return plan_.duplicate_of->archive_key;
  const Source& source = *plan_.source;
  const bool text =
      source.file.format != lake::FileFormat::parquet && !codec.starts_with("gzip") && !codec.starts_with("zstd");
  const bool packed = area == kProcessed && text && (source.pack_archive || lake::is_packed_key(plan_.object.key));
  return ArchiveName::make(area, to_iso_date(plan_.now), source, plan_.key, plan_.file_id(), packed);
}

ValueRows LoadTransaction::entry_row(const FileOutcome& o, const FileFacts& facts) const {
  return {{o.sha256, static_cast<std::int64_t>(o.bytes), facts.codec, std::string(name_of(o.state)), o.records,
           o.rows_flagged, facts.blank_lines, or_null(o.code), or_null(o.reason),
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
  refusal_ = verdict_on(facts);
  if (refusal_) return Error{ErrorKind::contract_violation, refusal_->reason, {}, {}};
  FileOutcome& o = outcome_;
  o.sha256 = facts.sha256;
  o.records = facts.records;
  o.rows_quarantined = facts.rejected + static_cast<std::int64_t>(checks_.doomed().size());
  o.rows_loaded = facts.records - o.rows_quarantined;
  o.rows_flagged = facts.flagged + more_flagged_;
  for (const auto& [code, n] : facts.warnings) {
    const auto gone = warnings_gone_.find(code);
    const std::int64_t left = n - (gone == warnings_gone_.end() ? 0 : gone->second);
    if (left > 0) o.warnings_by_code.emplace(name_of(code), left);
  }
  if (checks_.flagged() > 0) o.warnings_by_code[std::string(name_of(RejectCode::broken_rule))] += checks_.flagged();
  o.state = facts.records == 0 ? FileState::empty : FileState::loaded;
  o.archive_key = archive_name(kProcessed, facts.codec);
  o.replaced_older = plan_.held.has_value();
  return entry_row(o, facts);
}

void LoadTransaction::add_entry(Batch& batch, std::function<Result<ValueRows>()> facts) {
  const std::string now = to_sql_timestamp(plan_.now);
  const Contract& contract = plan_.source->contract;
  Statement insert = statement(
      "insert_entry",
      warehouse::fill(sql::insert_entry,
                      {{"table", table_}, {"superseded", quote(session_.dialect(), superseded_table(*plan_.source))}}),
      {plan_.file_id(), plan_.source->name, plan_.key, contract.version, contract.sha256, now,
       plan_.from_archive ? Value{now} : Value{}, plan_.unloaded ? Value{plan_.object.key} : Value{}});
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

/// What is not good enough for the landing table, or worth a word.
void LoadTransaction::add_findings(Batch& batch, FileSource& file) {
  const ColumnType number{TypeKind::int64}, text{TypeKind::text};
  const Contract& contract = plan_.source->contract;
  Statement rejects = statement("insert_quarantine", std::string(sql::insert_quarantine),
                                {plan_.file_id(), contract.version, contract.sha256});
  rejects.source = &keep(reject_columns(), [this, &file] { return reject_rows(file); });
  batch.statements.push_back(std::move(rejects));
  Statement flags = statement("insert_flags", std::string(sql::insert_flags), {plan_.file_id()});
  flags.source = &keep({{"line", number}, {"code", text}, {"column_name", text}, {"reason", text}},
                       [this, &file]() -> Result<ValueRows> { return flag_rows(file); });
  batch.statements.push_back(std::move(flags));
  add_entry(batch, [this, &file] { return fact_rows(file); });
  Statement warnings = statement("insert_warnings", std::string(sql::insert_warnings), {plan_.file_id()});
  warnings.source = &keep({{"code", text}, {"n", number}}, [this]() -> Result<ValueRows> {
    ValueRows rows;
    for (const auto& [code, n] : outcome_.warnings_by_code) rows.push_back({code, n});
    return rows;
  });
  batch.statements.push_back(std::move(warnings));
}

void LoadTransaction::add_mark_changed(Batch& batch) const {
  Statement mark = statement("mark_changed", std::string(sql::mark_changed));
  mark.before = [this](Statement& s) {
    if (outcome_.state != FileState::loaded && !outcome_.replaced_older) s.sql.clear();
    return ok();
  };
  batch.statements.push_back(std::move(mark));
}

/// A file that comes back leaves unloaded/ or quarantine/, and with it the ledger rows that name it there.
void LoadTransaction::add_siblings(Batch& batch) const {
  if (!plan_.unloaded) return;
  Statement move = statement("move_siblings", std::string(sql::move_siblings));
  move.before = [this](Statement& s) {
    s.params = {plan_.object.key, outcome_.archive_key, plan_.file_id()};
    return ok();
  };
  batch.statements.push_back(std::move(move));
  if (plan_.releases == 0) return;
  Statement release = statement("mark_released", std::string(sql::mark_released), {plan_.releases});
  release.expect_affected = 1;
  batch.statements.push_back(std::move(release));
}

Batch LoadTransaction::load(FileSource& file, lake::KeyGate* gate) {
  if (gate != nullptr) checks_.hold_by(*gate);
  checks_.read_raw_by([this](std::span<const lake::TextRange> ranges) -> Result<std::vector<std::string>> {
    return read_records(store_, plan_.object, *plan_.source, ranges);
  });
  Batch batch{"load " + plan_.id(), {}};
  add_fence(batch);
  add_replacement(batch);
  add_rows(batch, file);
  checks_.add_to(batch);
  add_findings(batch, file);
  checks_.add_counts_to(batch);
  add_siblings(batch);
  add_mark_changed(batch);
  return batch;
}

Batch LoadTransaction::record(const FileVerdict& verdict) {
  Batch batch{"record " + plan_.id(), {}};
  // Only bytes that are loaded under another key replace what stands under this one.
  if (verdict.state != FileState::duplicate) plan_.held.reset();
  add_fence(batch);
  add_replacement(batch);
  const bool refused = verdict.state == FileState::quarantined;
  FileOutcome& o = outcome_;
  o.state = verdict.state;
  o.sha256 = verdict.sha256;
  o.code = verdict.code;
  o.reason = verdict.reason;
  o.replaced_older = plan_.held.has_value();
  o.archive_key = archive_name(refused ? kQuarantine : kProcessed, verdict.codec);
  o.records = o.rows_loaded = o.rows_quarantined = o.rows_flagged = 0;
  add_entry(batch, [this, codec = verdict.codec]() -> Result<ValueRows> {
    FileFacts none;
    none.codec = codec;
    return entry_row(outcome_, none);
  });
  add_siblings(batch);
  add_mark_changed(batch);
  return batch;
}

}  // namespace millrace::ingest
