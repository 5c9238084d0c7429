#pragma once
/// \file ingest/raw_records.h
/// Records of a file once more, by the place where they stand in its text (promise I10).

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "lake/object_store.h"

namespace millrace::ingest {

struct TextRange {
  std::uint64_t offset = 0, length = 0;  ///< bytes of the decoded text
};

/// The bytes of each range, without a line end behind them. `codec` as the ledger has it.
/// Errors: those of the store; conflict past the end; unsupported for a codec without access by position.
Result<std::vector<std::string>> read_records(lake::ObjectStore& store, const lake::ObjectInfo& object,
                                              const std::string& codec, std::span<const TextRange> ranges);

}  // namespace millrace::ingest
