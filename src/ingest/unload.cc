#include "ingest/unload.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/failpoint.h"
#include "base/log.h"
#include "ingest/keys.h"
#include "ingest/sql.gen.h"

namespace millrace::ingest {
namespace {

using warehouse::Rows;
using warehouse::Statement;
using warehouse::to_integer;
using warehouse::to_text;

/// The rows that are counted when they go, beside the outcome.
void count_into(Statement& s, std::int64_t& n) {
  s.on_done = [&n](const warehouse::Done& done) { n = done.affected; };
}

Statement step(std::string_view name, std::string sql, std::vector<warehouse::Value> params) {
  return {"ingest/" + std::string(name), std::move(sql), std::move(params)};
}

warehouse::Batch unload_batch(const warehouse::Dialect& dialect, const Source& source, const Entry& file,
                              std::int64_t fence, UnloadOutcome& outcome) {
  warehouse::Batch batch{fmt::format("unload {}@{}", source.name, file.file_id), {}};
  Statement move = step("move_fence", std::string(sql::move_fence), {fence});
  move.expect_affected = 1;
  batch.statements.push_back(std::move(move));
  Statement waiting = step("read_waiting", std::string(sql::read_waiting), {file.file_id});
  waiting.on_rows = [&outcome](const Rows& rows) {
    for (const auto& row : rows.rows) outcome.waiting.emplace_back(to_text(row[0]), to_integer(row[1]));
    return ok();
  };
  batch.statements.push_back(std::move(waiting));
  std::int64_t* deleted = &outcome.rows;  // of the landing table first, then of the superseded rows
  for (Statement& s : removal_of(dialect, source, file.file_id, FileState::unloaded)) {
    if (s.name == "ingest/restore_superseded") count_into(s, outcome.restored);
    if (s.name == "ingest/delete_rows_of_file") count_into(s, *std::exchange(deleted, &outcome.rows_superseded));
    batch.statements.push_back(std::move(s));
  }
  for (const char* table : {"millrace.quarantine", "millrace.flags", "millrace.warnings"}) {
    Statement s = step("delete_findings", warehouse::fill(sql::delete_findings, {{"table", table}}), {file.file_id});
    if (table == std::string_view("millrace.quarantine")) count_into(s, outcome.rows_quarantined);
    batch.statements.push_back(std::move(s));
  }
  batch.statements.push_back(step("move_unloaded", std::string(sql::move_unloaded), {file.file_id}));
  batch.statements.push_back(step("mark_changed", std::string(sql::mark_changed), {}));
  return batch;
}

}  // namespace

Result<UnloadOutcome> unload(warehouse::Session& session, lake::ObjectStore& store, const Archiver& archiver,
                             const Clock& clock, const std::vector<Source>& sources, const std::string& name) {
  MR_FAILPOINT("ingest.unload.before");
  const Ledger ledger(session);
  MR_TRY(const Named found, ledger.find(name, FileState::loaded));
  const auto source =
      std::find_if(sources.begin(), sources.end(), [&](const Source& s) { return s.name == found.source; });
  if (source == sources.end())
    return Error{ErrorKind::not_found,
                 fmt::format("{} belongs to source {}, which millrace.yaml does not name any more", found.entry.key,
                             found.source),
                 "bring the source back",
                 {}};
  const Entry& file = found.entry;
  if (!file.archived)
    return Error{ErrorKind::conflict,
                 fmt::format("{} has not been moved to {} yet", file.key, file.archive_key),
                 "run millrace load first: it finishes the move",
                 {}};
  UnloadOutcome outcome;
  outcome.source = found.source;
  outcome.key = file.key;
  outcome.file_id = file.file_id;
  MR_TRY(const std::int64_t fence, ledger.fence());
  Status done = session.commit(unload_batch(session.dialect(), *source, file, fence, outcome));
  MR_TRY(const auto after, ledger.entry(file.file_id));
  if (!done && done.error().kind == ErrorKind::commit_unknown && after->state == FileState::unloaded) done = ok();
  if (!done) return std::move(done).error().within("unloading " + file.key);
  outcome.archive_key = after->archive_key;
  log::event("file_unloaded", log::Level::info,
             {{"source", outcome.source}, {"key", outcome.key}, {"file_id", outcome.file_id}, {"rows", outcome.rows}});
  MR_CHECK(finish_moves(ledger, store, archiver, clock, *source));
  return outcome;
}

Status finish_moves(const Ledger& ledger, lake::ObjectStore& store, const Archiver& archiver, const Clock& clock,
                    const Source& source) {
  MR_TRY(const auto unarchived, ledger.unarchived(source));
  for (const Entry& e : unarchived) {
    if (e.stands_at == e.key) continue;
    MR_FAILPOINT("ingest.unload.move.before");
    MR_TRY(const auto from, store.head(e.stands_at));
    if (from) MR_CHECK(archiver.move(*from, e.archive_key, {source.name, e.key, e.file_id, e.sha256}));
    MR_TRY(const auto there, store.head(e.archive_key));
    if (!there) {
      MR_TRY(const bool expired, ledger.move_expiry(e.stands_at, e.archive_key));
      if (!expired) continue;  // told by reconcile()
    }
    MR_FAILPOINT("ingest.unload.mark.before");
    MR_CHECK(ledger.mark_archived(e.file_id, to_sql_timestamp(clock.now())));
  }
  return ok();
}

}  // namespace millrace::ingest
