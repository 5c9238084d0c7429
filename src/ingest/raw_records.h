#pragma once
/// \file ingest/raw_records.h
/// Records of a file once more, by the place where they stand in its text (promise I10).

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "ingest/source.h"
#include "lake/object_store.h"
#include "lake/open_file.h"

namespace millrace::ingest {

/// The bytes of each range, without a line end behind them. Requires and errors: those of read_text_ranges.
Result<std::vector<std::string>> read_records(lake::ObjectStore& store, const lake::ObjectInfo& object,
                                              const Source& source, std::span<const lake::TextRange> ranges);

}  // namespace millrace::ingest
