#include "ingest/ledger.h"

#include <fmt/format.h>

#include <array>

#include "base/words.h"
#include "ingest/sql.gen.h"

namespace millrace::ingest {
namespace {

using warehouse::Statement;
using warehouse::to_integer;
using warehouse::to_text;

constexpr std::array<std::string_view, 5> kStates{"loaded", "empty", "duplicate", "quarantined", "replaced"};

Result<FileState> state_of(const std::string& name) {
  for (std::size_t i = 0; i < kStates.size(); ++i)
    if (name == kStates[i]) return static_cast<FileState>(i);
  return Error{ErrorKind::internal,
               fmt::format("the ledger holds the unknown state \"{}\"", name),
               "it was written by a newer millrace: use that one",
               {}};
}

Statement named(std::string_view name, std::string sql) {
  return {std::string("ingest/") + std::string(name), std::move(sql)};
}

}  // namespace

std::string_view name_of(FileState state) { return kStates[static_cast<std::size_t>(state)]; }

Status Ledger::create_tables() {
  MR_TRY(const auto kind, session_->kind_of({"millrace", "flags"}));
  if (kind != warehouse::RelationKind::none) return ok();
  return session_->commit(
      {"create the ledger",
       {named("create_schema", std::string(sql::create_schema)), named("create_fence", std::string(sql::create_fence)),
        named("create_ledger", std::string(sql::create_ledger)),
        named("create_quarantine", std::string(sql::create_quarantine)),
        named("create_flags", std::string(sql::create_flags))}});
}

Status Ledger::prepare(const Source& source) {
  MR_CHECK(create_tables());
  MR_TRY(const auto kind, session_->kind_of(source.table));
  if (kind == warehouse::RelationKind::table) return fit_landing_table(source);
  if (kind == warehouse::RelationKind::view)
    return Error{ErrorKind::invalid_input,
                 fmt::format("source {}: {} is a view, expected a table", source.name, source.table.text()),
                 "name another table for the source",
                 {}};
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

Status Ledger::fit_landing_table(const Source& source) {
  MR_TRY(const auto held, session_->columns_of("SELECT * FROM " + quote(session_->dialect(), source.table)));
  const auto misfit = [&](const std::string& what) {
    return Error{ErrorKind::invalid_input,
                 fmt::format("source {}: {} {}", source.name, source.table.text(), what),
                 "the contract has changed since the table was made: rename or drop the table and load the files "
                 "of processed/ again, or restore the contract",
                 {}};
  };
  for (std::size_t i = 0; i < source.contract.columns.size(); ++i) {
    const ColumnContract& c = source.contract.columns[i];
    if (i >= held.size() || to_lower_ascii(held[i].name) != to_lower_ascii(c.name))
      return misfit(fmt::format("has no column {} at position {}", c.name, i + 1));
    if (held[i].type != c.type)
      return misfit(fmt::format("holds {} as {}, the contract says {}", c.name, session_->dialect().type(held[i].type),
                                session_->dialect().type(c.type)));
  }
  if (held.size() != source.contract.columns.size() + 4)
    return misfit(fmt::format("has {} columns, expected the contract's {} and 4 of millrace's", held.size(),
                              source.contract.columns.size()));
  return ok();
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
    MR_TRY(e.state, state_of(to_text(row[4])));
    e.archive_key = to_text(row[5]);
    e.archived = std::get<bool>(row[6]);
    out.push_back(std::move(e));
  }
  return out;
}

Result<std::vector<Entry>> Ledger::relatives(const Source& source, const std::string& key,
                                             std::uint64_t size_bytes) const {
  return entries("read_relatives", sql::read_relatives, {source.name, key, static_cast<std::int64_t>(size_bytes)});
}

Result<std::vector<Entry>> Ledger::unarchived(const Source& source) const {
  return entries("read_unarchived", sql::read_unarchived, {source.name});
}

Result<std::vector<Entry>> Ledger::taken_since(const Source& source, const std::string& sql_timestamp) const {
  return entries("read_taken_since", sql::read_taken_since, {source.name, sql_timestamp});
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
