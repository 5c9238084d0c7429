#pragma once
/// \file warehouse/duckdb/database.h
/// The embedded warehouse: one DuckDB file, opened by one process.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "warehouse/session.h"

namespace millrace::warehouse::duckdb {

struct Options {
  std::string path;      ///< ":memory:" for none
  unsigned threads = 0;  ///< 0: as many as the machine has
  std::optional<std::uint64_t> memory_limit_bytes = {};
  bool read_only = false;  ///< writes nothing, so that a full disk is no obstacle; the file must exist
};

/// Opens or creates the file. Extensions are neither fetched nor loaded.
/// Errors: conflict where another process has it open (named); unavailable; invalid_input where the
/// file is no DuckDB database. See is_damaged_log() and is_damaged_file() in errors.h.
Result<std::unique_ptr<Warehouse>> open(const Options& options);

/// "v1.5.6"
std::string library_version();

}  // namespace millrace::warehouse::duckdb
