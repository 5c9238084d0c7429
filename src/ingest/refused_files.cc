#include "ingest/refused_files.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/words.h"
#include "ingest/sql.gen.h"

namespace millrace::ingest {
namespace {

using warehouse::to_integer;
using warehouse::to_text;

/// The loaded version under the file's key that came later; 0: there is none.
Result<std::int64_t> newer_version(Loader& loader, const Source& source, const RefusedFile& file) {
  MR_TRY(const auto versions, loader.ledger().with_key(source, file.key));
  std::int64_t newest = 0;
  for (const Entry& e : versions)
    if (e.state == FileState::loaded || e.state == FileState::empty) newest = std::max(newest, e.file_id);
  return newest > file.file_id ? newest : 0;
}

Status note_reason(warehouse::Session& session, const Source& source, const FileReplay& replay) {
  const Contract& contract = source.contract;
  return session.commit(
      {"note why " + replay.file.key + " is refused",
       {{"ingest/update_refusal",
         std::string(sql::update_refusal),
         {replay.file.file_id, replay.outcome.code, replay.outcome.reason, contract.version, contract.sha256}}}});
}

Result<FileReplay> replay_file(warehouse::Session& session, Loader& loader, const Source& source, RefusedFile file) {
  FileReplay replay;
  MR_TRY(replay.newer, newer_version(loader, source, file));
  MR_TRY(const auto entry, loader.ledger().entry(file.file_id));
  MR_INVARIANT(entry.has_value(), "a file that is listed stands in the ledger");
  if (!entry->archived)
    return Error{ErrorKind::conflict,
                 fmt::format("{} has not been moved to {} yet", entry->key, entry->archive_key),
                 "run millrace load first: it finishes the move",
                 {}};
  replay.file = std::move(file);
  if (replay.newer > 0) return replay;
  MR_TRY(replay.outcome, loader.bring_back(source, *entry));
  if (replay.outcome.file_id > 0) return replay;
  replay.reason_changed = replay.outcome.code != replay.file.code || replay.outcome.reason != replay.file.reason;
  if (replay.reason_changed) MR_CHECK(note_reason(session, source, replay));
  return replay;
}

}  // namespace

Result<std::vector<RefusedFile>> refused_files(warehouse::Session& session, const QuarantineFilter& filter,
                                               std::int64_t most) {
  std::vector<RefusedFile> out;
  if (!filter.takes_files()) return out;
  MR_TRY(const auto got,
         session.query({"ingest/read_refused",
                        warehouse::fill(sql::read_refused, {{"filter", std::string(trimmed(sql::filter_refused))},
                                                            {"most", most > 0 ? std::to_string(most) : "ALL"}}),
                        file_params_of(filter)}));
  for (const auto& row : got.rows) {
    RefusedFile& f = out.emplace_back();
    f.file_id = to_integer(row[0]);
    f.source = to_text(row[1]);
    f.key = to_text(row[2]);
    f.archive_key = to_text(row[3]);
    f.size_bytes = static_cast<std::uint64_t>(to_integer(row[4]));
    f.code = to_text(row[5]);
    f.reason = to_text(row[6]);
    f.refused_at = to_text(row[7]);
    f.contract_version = to_text(row[8]);
    f.discarded = std::get<bool>(row[9]);
  }
  return out;
}

Result<std::vector<FileReplay>> replay_files(warehouse::Session& session, Loader& loader,
                                             const std::vector<Source>& sources, const QuarantineFilter& filter) {
  MR_TRY(auto files, refused_files(session, filter, 0));
  std::vector<FileReplay> out;
  for (RefusedFile& file : files) {
    const auto source =
        std::find_if(sources.begin(), sources.end(), [&](const Source& s) { return s.name == file.source; });
    if (source == sources.end())
      return Error{
          ErrorKind::not_found,
          fmt::format("{} belongs to source {}, which millrace.yaml does not name any more", file.key, file.source),
          "bring the source back, or name another one with --source",
          {}};
    MR_TRY(FileReplay replay, replay_file(session, loader, *source, std::move(file)));
    out.push_back(std::move(replay));
  }
  return out;
}

}  // namespace millrace::ingest
