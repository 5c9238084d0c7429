#pragma once
/// \file app/draft_files.h
/// Files read from end to end into the draft of a contract.

#include <filesystem>
#include <string>
#include <vector>

#include "base/clock.h"
#include "contract/draft.h"

namespace millrace::app {

struct DraftReport {
  std::string yaml;
  char delimiter = ',';
  std::int64_t records = 0;
  std::int64_t unreadable = 0;   ///< records that could not be read as fields; they say nothing
  std::string first_unreadable;  ///< "a.csv:17: …"
};

/// `name`: of the contract. Requires: at least one file.
/// Errors: not_found; contract_violation where a file is no delimited text, or has other columns than the
/// first one.
Result<DraftReport> draft_files(const std::string& name, const std::vector<std::filesystem::path>& files, WallTime now);

}  // namespace millrace::app
