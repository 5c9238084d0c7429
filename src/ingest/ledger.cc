#include "ingest/ledger.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/log.h"
#include "base/words.h"
#include "ingest/expiry.h"
#include "ingest/sql.gen.h"
#include "lake/file_source.h"
#include "lake/landed.h"

namespace millrace::ingest {
namespace {

using warehouse::Statement;
using warehouse::to_integer;
using warehouse::to_text;

constexpr std::array<std::string_view, 10> kStates{"loaded",   "empty",  "duplicate", "quarantined", "replaced",
                                                   "unloaded", "replay", "expired",   "released",    "discarded"};

auto find_column(const std::vector<Column>& columns, std::string_view name) {
  return std::find_if(columns.begin(), columns.end(),
                      [&](const Column& c) { return to_lower_ascii(c.name) == to_lower_ascii(name); });
}

Statement named(std::string_view name, std::string sql) {
  return {std::string("ingest/") + std::string(name), std::move(sql)};
}

Status add_columns(warehouse::Session& session, const warehouse::RelationName& table,
                   const std::vector<Column>& columns) {
  if (columns.empty()) return ok();
  warehouse::Batch batch{"add columns to " + table.text(), {}};
  for (const Column& c : columns) batch.statements.push_back(add_column(session.dialect(), table, c));
  MR_CHECK(session.commit(batch));
  fold_log(session);
  return ok();
}

}  // namespace

warehouse::RelationName superseded_table(const Source& source) { return {"millrace", "superseded_" + source.name}; }

Statement add_column(const warehouse::Dialect& d, const warehouse::RelationName& table, const Column& column) {
  return named("add_column", warehouse::fill(sql::add_column, {{"table", quote(d, table)},
                                                               {"column", d.quote(column.name)},
                                                               {"type", d.type(column.type)}}));
}

void fold_log(warehouse::Session& session) {
  if (auto done = session.query({"checkpoint", "CHECKPOINT"}); !done)
    log::event("checkpoint_postponed", log::Level::debug, {{"reason", done.error().message}});
}

std::string_view name_of(FileState state) { return kStates[static_cast<std::size_t>(state)]; }

Result<FileState> state_of(const std::string& name) {
  for (std::size_t i = 0; i < kStates.size(); ++i)
    if (name == kStates[i]) return static_cast<FileState>(i);
  return Error{ErrorKind::internal,
               fmt::format("the ledger holds the unknown state \"{}\"", name),
               "it was written by a newer millrace: use that one",
               {}};
}

Status Ledger::create_tables() {
  MR_TRY(const auto kind, session_->kind_of({"millrace", "ledger"}));
  if (kind != warehouse::RelationKind::none) {
    MR_CHECK(check_format());
    MR_TRY(const auto expired, session_->kind_of({"millrace", "expired"}));
    if (expired != warehouse::RelationKind::none) return ok();
    // A ledger of a millrace that deleted nothing.
    MR_CHECK(session_->commit({"create expired", {named("create_expired", std::string(sql::create_expired))}}));
    fold_log(*session_);
    return ok();
  }
  return session_->commit(
      {"create the ledger",
       {named("create_schema", std::string(sql::create_schema)),
        named("create_format", std::string(sql::create_format)), named("create_fence", std::string(sql::create_fence)),
        named("create_ledger", std::string(sql::create_ledger)),
        named("create_expired", std::string(sql::create_expired)),
        named("create_quarantine", std::string(sql::create_quarantine)),
        named("create_flags", std::string(sql::create_flags)),
        named("create_warnings", std::string(sql::create_warnings))}});
}

Status Ledger::check_format() {
  std::int64_t format = 1;  // the first layout had no number
  MR_TRY(const auto kind, session_->kind_of({"millrace", "format"}));
  if (kind != warehouse::RelationKind::none) {
    MR_TRY(const auto got, session_->query(named("read_format", std::string(sql::read_format))));
    MR_INVARIANT(got.rows.size() == 1, "there is one format");
    format = to_integer(got.rows[0][0]);
  }
  if (format == kFormat) return ok();
  const std::string found = fmt::format("the warehouse's ledger has layout {}, expected {}", format, kFormat);
  if (format > kFormat)
    return Error{ErrorKind::unsupported, found, "it was written by a newer millrace: use that one", {}};
  return Error{ErrorKind::unsupported,
               found + ": it was written by an older millrace",
               "run millrace load --rebuild: it sets the warehouse aside and fills a new one from processed/",
               {}};
}

Status Ledger::prepare(const Source& source) {
  index_.clear();
  indexed_fence_ = -1;
  MR_CHECK(create_tables());
  MR_TRY(const auto kind, session_->kind_of(source.table));
  if (kind == warehouse::RelationKind::view)
    return Error{ErrorKind::invalid_input,
                 fmt::format("source {}: {} is a view, expected a table", source.name, source.table.text()),
                 "name another table for the source",
                 {}};
  MR_CHECK(kind == warehouse::RelationKind::none ? create_landing_table(source) : fit_landing_table(source));
  return fit_superseded_table(source);
}

Status Ledger::create_landing_table(const Source& source) {
  const warehouse::Dialect& d = session_->dialect();
  std::vector<std::string> columns;
  for (const ColumnContract& c : source.contract.columns) columns.push_back(d.quote(c.name) + " " + d.type(c.type));
  return session_->commit(
      {"create " + source.table.text(),
       {named("create_target_schema",
              warehouse::fill(sql::create_target_schema, {{"schema", d.quote(source.table.schema)}})),
        named("create_target", warehouse::fill(sql::create_target, {{"table", quote(d, source.table)},
                                                                    {"columns", join(columns, ",\n  ")}}))}});
}

/// Columns are found by name. One that the contract has got since is added; rows that stand keep NULL there.
Status Ledger::fit_landing_table(const Source& source) {
  MR_TRY(const auto held, session_->columns_of("SELECT * FROM " + quote(session_->dialect(), source.table)));
  std::vector<Column> added;
  for (const ColumnContract& c : source.contract.columns) {
    const auto same = find_column(held, c.name);
    if (same == held.end())
      added.push_back({c.name, c.type});
    else if (same->type != c.type)
      return Error{ErrorKind::invalid_input,
                   fmt::format("source {}: {} holds {} as {}, the contract says {}", source.name, source.table.text(),
                               c.name, session_->dialect().type(same->type), session_->dialect().type(c.type)),
                   "a column's type does not change in place: rename or drop the table and load the files of "
                   "processed/ again, or restore the contract",
                   {}};
  }
  for (std::string_view own : {kFileIdColumn, lake::kLineColumn, lake::kOffsetColumn, lake::kLengthColumn})
    if (find_column(held, own) == held.end())
      return Error{ErrorKind::invalid_input,
                   fmt::format("source {}: {} has no column {}, expected a table that millrace has made", source.name,
                               source.table.text(), own),
                   "name another table for the source",
                   {}};
  return add_columns(*session_, source.table, added);
}

Status Ledger::fit_superseded_table(const Source& source) {
  const warehouse::Dialect& d = session_->dialect();
  const warehouse::RelationName superseded = superseded_table(source);
  MR_TRY(const auto kind, session_->kind_of(superseded));
  if (kind == warehouse::RelationKind::none)
    return session_->commit(
        {"create " + superseded.text(),
         {named("create_superseded", warehouse::fill(sql::create_superseded, {{"superseded", quote(d, superseded)},
                                                                              {"table", quote(d, source.table)}}))}});
  MR_TRY(const auto held, session_->columns_of("SELECT * FROM " + quote(d, superseded)));
  MR_TRY(const auto wanted, session_->columns_of("SELECT * FROM " + quote(d, source.table)));
  std::vector<Column> added;
  for (const Column& c : wanted)
    if (find_column(held, c.name) == held.end()) added.push_back(c);
  return add_columns(*session_, superseded, added);
}

Result<std::int64_t> Ledger::fence() const {
  MR_TRY(const auto got, session_->query(named("read_fence", std::string(sql::read_fence))));
  MR_INVARIANT(got.rows.size() == 1, "there is one fence");
  return to_integer(got.rows[0][0]);
}

Result<std::int64_t> Ledger::data_version() const {
  MR_TRY(const auto got, session_->query(named("read_data_version", std::string(sql::read_data_version))));
  return to_integer(got.rows.at(0).at(0));
}

Result<std::vector<Entry>> Ledger::entries(std::string_view name, std::string_view sql,
                                           std::vector<warehouse::Value> params) const {
  Statement s = named(name, std::string(sql));
  s.params = std::move(params);
  MR_TRY(const auto got, session_->query(s));
  std::vector<Entry> out;
  for (const auto& row : got.rows) {
    Entry e;
    e.file_id = to_integer(row[0]);
    e.key = to_text(row[1]);
    e.sha256 = to_text(row[2]);
    e.size_bytes = static_cast<std::uint64_t>(to_integer(row[3]));
    e.codec = to_text(row[4]);
    MR_TRY(e.state, state_of(to_text(row[5])));
    e.archive_key = to_text(row[6]);
    e.stands_at = to_text(row[7]);
    e.archived = std::get<bool>(row[8]);
    out.push_back(std::move(e));
  }
  return out;
}

/// Reads what has come into the ledger since. Rows change too, but never into one that counts.
Status Ledger::refresh_index() {
  MR_TRY(const std::int64_t n, fence());
  if (n == indexed_fence_) return ok();
  if (n < index_.last()) index_.clear();  // another ledger than before
  Statement s = named("read_new_entries", std::string(sql::read_new_entries));
  s.params = {index_.last()};
  MR_CHECK(session_->read(s, [this](std::span<const ColumnView> c, std::size_t rows) {
    for (std::size_t r = 0; r < rows; ++r)
      index_.add(c[1].at<StringCell>(r).view(), c[2].at<StringCell>(r).view(), c[3].at<StringCell>(r).view(),
                 static_cast<std::uint64_t>(c[4].at<std::int64_t>(r)), c[0].at<std::int64_t>(r));
    return ok();
  }));
  index_.settle();
  indexed_fence_ = n;
  return ok();
}

/// Those of `ids` that count now; the others are forgotten, so that each is read in vain once.
Result<std::vector<Entry>> Ledger::counting(const Source& source, const std::vector<std::int64_t>& ids) {
  std::vector<Entry> out;
  for (const std::int64_t id : ids) {
    MR_TRY(const std::optional<Entry> e, entry(id));
    if (!e) continue;
    if (e->state == FileState::loaded || e->state == FileState::empty || !e->archived)
      out.push_back(*e);
    else
      index_.drop(source.name, e->key, e->sha256, id);
  }
  return out;
}

Result<std::vector<Entry>> Ledger::with_key(const Source& source, const std::string& key) {
  MR_CHECK(refresh_index());
  MR_TRY(std::vector<Entry> found, counting(source, index_.with_key(source.name, key)));
  std::erase_if(found, [&](const Entry& e) { return e.key != key; });
  return found;
}

Result<std::vector<Entry>> Ledger::with_digest(const Source& source, const std::string& sha256) {
  MR_CHECK(refresh_index());
  MR_TRY(std::vector<Entry> found, counting(source, index_.with_digest(source.name, sha256)));
  std::erase_if(found, [&](const Entry& e) { return e.sha256 != sha256; });
  return found;
}

Result<bool> Ledger::knows_size(const Source& source, std::uint64_t size_bytes) {
  MR_CHECK(refresh_index());
  return index_.knows_size(source.name, size_bytes);
}

Result<std::vector<Entry>> Ledger::unarchived(const Source& source) const {
  return entries("read_unarchived", sql::read_unarchived, {source.name});
}

Result<std::vector<Entry>> Ledger::taken_since(const Source& source, const std::string& sql_timestamp) const {
  return entries("read_taken_since", sql::read_taken_since, {source.name, sql_timestamp});
}

Result<std::optional<Entry>> Ledger::entry(std::int64_t file_id) const {
  MR_TRY(std::vector<Entry> found, entries("read_file", sql::read_file, {file_id}));
  return found.empty() ? std::nullopt : std::optional<Entry>(std::move(found.front()));
}

Result<Named> Ledger::find(const std::string& name, FileState state) const {
  Statement s = named("find_files", std::string(sql::find_files));
  s.params = {name, std::string(name_of(state))};
  MR_TRY(const auto got, session_->query(s));
  if (got.rows.empty())
    return Error{ErrorKind::not_found,
                 fmt::format("no {} file is called \"{}\"", name_of(state), printable(name)),
                 "name it by its key in landing/, its name in the archive, or its id in millrace.ledger",
                 {}};
  if (got.rows.size() > 1) {
    std::vector<std::string> ids;
    for (const auto& row : got.rows) ids.push_back(fmt::format("{} ({})", to_integer(row[0]), to_text(row[2])));
    return Error{ErrorKind::invalid_input,
                 fmt::format("\"{}\" is {} files: {}", printable(name), got.rows.size(), join(ids, ", ")),
                 "name one by its id",
                 {}};
  }
  MR_TRY(auto found, entry(to_integer(got.rows[0][0])));
  MR_INVARIANT(found.has_value(), "what was found can be read");
  return Named{to_text(got.rows[0][1]), *std::move(found)};
}

Result<lake::ObjectInfo> Ledger::stored(lake::ObjectStore& store, const Entry& e) const {
  for (const std::string& key : {e.archive_key, e.stands_at}) {
    MR_TRY(const auto object, store.head(key));
    if (!object) continue;
    MR_TRY(const lake::ObjectInfo landed, lake::as_landed(store, *object));
    if (landed.size_bytes == e.size_bytes) return landed;
  }
  MR_TRY(const auto expired, expiry_of(*session_, e.archive_key));
  if (expired)
    return Error{ErrorKind::not_found,
                 fmt::format("the bytes of {} (file {}) have expired on {} under {}", e.key, e.file_id, expired->day,
                             expired->rule),
                 "its rows stay; what needs its bytes can only come from a backup",
                 {}};
  return Error{ErrorKind::not_found,
               fmt::format("the bytes of {} (file {}) are not at {}", e.key, e.file_id, e.archive_key),
               "restore the file from a backup",
               {}};
}

Status Ledger::raise_fence(std::int64_t n) const {
  Statement s = named("raise_fence", std::string(sql::raise_fence));
  s.params = {n};
  return session_->commit({"raise the fence", {s}});
}

Result<std::vector<std::string>> Ledger::archive_keys(const Source& source) const {
  Statement s = named("read_archive_keys", std::string(sql::read_archive_keys));
  s.params = {source.name};
  MR_TRY(const auto got, session_->query(s));
  std::vector<std::string> out;
  for (const auto& row : got.rows) out.push_back(to_text(row[0]));
  return out;
}

Result<bool> Ledger::move_expiry(const std::string& from, const std::string& to) const {
  MR_TRY(const auto expired, expiry_of(*session_, from));
  if (!expired) return false;
  Statement s = named("move_expired", std::string(sql::move_expired));
  s.params = {from, to};
  MR_CHECK(session_->commit({"remember that " + to + " has expired", {s}}));
  return true;
}

Status Ledger::mark_archived(std::int64_t file_id, const std::string& sql_timestamp) const {
  Statement s = named("mark_archived", std::string(sql::mark_archived));
  s.params = {file_id, sql_timestamp};
  s.expect_affected = 1;
  return session_->commit({fmt::format("archive file {}", file_id), {s}});
}

Result<bool> Ledger::landed(std::int64_t file_id, const std::string& key) const {
  Statement s = named("read_entry", std::string(sql::read_entry));
  s.params = {file_id, key};
  MR_TRY(const auto got, session_->query(s));
  return to_integer(got.rows.at(0).at(0)) > 0;
}

}  // namespace millrace::ingest
