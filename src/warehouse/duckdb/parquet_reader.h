#pragma once
/// \file warehouse/duckdb/parquet_reader.h
/// A Parquet file as rows of text. The engine's reader trusts its input: call this only in a process
/// that has nothing to lose (see app/commands/read_parquet.cc), never beside the warehouse.

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "contract/column.h"

namespace millrace::warehouse::duckdb {

struct ParquetColumn {
  /// time: dates and timestamps, written in ISO 8601. number: also true and false. text: everything
  /// else; lists and structs as JSON, bytes that are not declared as text as they are.
  enum class Kind : std::uint8_t { text, number, time } kind = Kind::text;
  std::string name;
};

struct ParquetSink {
  std::function<Status(std::span<const ParquetColumn>)> on_columns;  ///< once, first
  /// Every column holds StringCells. Views are valid during the call only.
  std::function<Status(std::span<const ColumnView> columns, std::size_t rows)> on_rows;
};

/// Opens an engine of its own in memory, with one thread, that can read `path` and no other file, and
/// gives all rows in the order of the file. Requires: memory_bytes > 0.
/// Errors: contract_violation where the file cannot be read; those of the sink.
Status read_parquet(const std::string& path, std::uint64_t memory_bytes, const ParquetSink& sink);

}  // namespace millrace::warehouse::duckdb
