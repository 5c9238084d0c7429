#pragma once
/// \file ingest/refused_files.h
/// Files of which nothing was loaded: looking at them, and taking them once more after a fix of contract or
/// configuration. Giving them up is discard() of quarantine.h.

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "ingest/loader.h"
#include "ingest/quarantine.h"
#include "ingest/source.h"
#include "warehouse/session.h"

namespace millrace::ingest {

struct RefusedFile {
  std::string source, key, archive_key;
  std::int64_t file_id = 0;
  std::uint64_t size_bytes = 0;
  std::string code, reason, refused_at, contract_version;
  bool discarded = false;
};

/// In the order in which they were refused; those that have been loaded since by a replay are not shown. None where the
/// filter asks for lines or columns. `most`: 0 for all.
Result<std::vector<RefusedFile>> refused_files(warehouse::Session& session, const QuarantineFilter& filter,
                                               std::int64_t most);

/// What became of one. Where `outcome` has no file id it is refused still, for the reason there, and nothing has
/// changed but the reason.
struct FileReplay {
  RefusedFile file;
  FileOutcome outcome;
  bool reason_changed = false;
  std::int64_t newer = 0;  ///< a later version under the same key is loaded: this one is left alone
};

/// Takes them in order, each as if it had landed now; one that passes leaves quarantine/. Repeating it changes
/// nothing. Errors: those of Loader::bring_back; not_found for a source that is gone.
Result<std::vector<FileReplay>> replay_files(warehouse::Session& session, Loader& loader,
                                             const std::vector<Source>& sources, const QuarantineFilter& filter);

}  // namespace millrace::ingest
