#pragma once
/// \file ingest/replay.h
/// Quarantined rows once more, against the contract as it is now: those that pass are loaded with their own
/// line and bytes, once, and the replay is a row of the ledger.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "ingest/ledger.h"
#include "ingest/quarantine.h"
#include "ingest/source.h"
#include "lake/file_source.h"
#include "lake/object_store.h"

namespace millrace::ingest {

/// What became of one file's rows.
struct ReplayOutcome {
  std::string source, key;
  std::int64_t file_id = 0, replay_id = 0;              ///< replay_id 0: nothing has changed, and nothing is written
  std::int64_t checked = 0, loaded = 0;                 ///< rows; the others stay in quarantine
  std::map<std::string, std::int64_t> rejects_by_code;  ///< of those that stay
  std::string code, reason;                             ///< where no row of the file could be read at all
};

/// Threads: used by the thread that owns the session. Borrows all; all outlive it.
class Replayer {
 public:
  Replayer(warehouse::Session& session, lake::ObjectStore& store, const Clock& clock)
      : session_(session), store_(store), clock_(clock), ledger_(session) {}

  /// File by file in the order of loading, each in a transaction of its own. Repeating it changes nothing.
  /// Errors: those of the session; invalid_input for a rule that does not run.
  /// Failpoints: ingest.replay.before
  Result<std::vector<ReplayOutcome>> run(const std::vector<Source>& sources, const QuarantineFilter& filter);

 private:
  Result<ReplayOutcome> replay_file(const Source& source, const Entry& entry, const std::vector<QuarantinedRow>& rows);
  Result<std::optional<ReplayOutcome>> replay_with(const Source& source, const Entry& entry,
                                                   const std::vector<QuarantinedRow>& rows, lake::LateColumns& late);

  warehouse::Session& session_;
  lake::ObjectStore& store_;
  const Clock& clock_;
  Ledger ledger_;
};

}  // namespace millrace::ingest
