#pragma once
/// \file ingest/unload.h
/// One file taken back out: its rows, what was set aside of it, and its place in processed/.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "ingest/archiver.h"
#include "ingest/ledger.h"
#include "ingest/source.h"
#include "lake/object_store.h"

namespace millrace::ingest {

struct UnloadOutcome {
  std::string source, key, archive_key;  ///< archive_key: where the bytes are now, below unloaded/
  std::int64_t file_id = 0;
  std::int64_t rows = 0, rows_quarantined = 0, rows_superseded = 0;  ///< of the file, as they were
  std::int64_t restored = 0;  ///< rows that it had superseded, and that stand again
  /// Files with quarantined rows that are duplicates of this file's no more, and how many.
  std::vector<std::pair<std::string, std::int64_t>> waiting;
};

/// Repeating it after a crash at any point finishes it: reconcile() does at the next start.
/// Errors: not_found, invalid_input as Ledger::find; conflict where another load moved first.
/// Failpoints: ingest.unload.before, ingest.unload.move.before, ingest.unload.mark.before
Result<UnloadOutcome> unload(warehouse::Session& session, lake::ObjectStore& store, const Archiver& archiver,
                             const Clock& clock, const std::vector<Source>& sources, const std::string& name);

/// Moves what the ledger says is to be moved from one place of the archive to another. Files in landing/ are
/// not its business. Failpoints: as above.
Status finish_moves(const Ledger& ledger, lake::ObjectStore& store, const Archiver& archiver, const Clock& clock,
                    const Source& source);

}  // namespace millrace::ingest
