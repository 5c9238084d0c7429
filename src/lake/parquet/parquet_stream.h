#pragma once
/// \file lake/parquet/parquet_stream.h
/// A Parquet file as text. Its format cannot be read without trusting it, so a child process reads it:
/// it is given a private copy of the bytes, and writes canonical CSV, in which the file is then loaded,
/// quarantined and traced like any other. The same file gives the same text each time.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "lake/byte_stream.h"
#include "lake/object_store.h"

namespace millrace::lake::parquet {

/// The child finds the file here.
inline constexpr int kFileDescriptor = 3;

struct ParquetOptions {
  /// The program that reads the file, and its first words; our process id is added. It writes one line with
  /// the names of the columns that hold dates and times, 0x1f between them, and then CSV, where those
  /// columns are in ISO 8601. Exit code 0: that was all of it. Empty: Parquet cannot be read here.
  std::vector<std::string> reader;
  std::filesystem::path scratch = {};  ///< folder of the copy, which has no name there; "": that of the system
  std::chrono::milliseconds patience = std::chrono::minutes(1);  ///< how long the child may say nothing
  std::uint64_t max_text_bytes = std::uint64_t{64} << 30;        ///< a file that becomes more text is refused
};

struct ParquetText {
  std::unique_ptr<ByteStream> stream;     ///< codec "parquet"
  std::vector<std::string> time_columns;  ///< names, as the file writes them
};

/// Copies and hashes the whole object, then starts the child. A file without bytes has no text.
/// A FileReject: not_csv, unreadable_file. Errors: those of the object; unavailable.
/// Failpoints: lake.copy.before, lake.child.before_start, lake.child.before_read.
Result<std::variant<ParquetText, FileReject>> open_parquet(std::unique_ptr<ObjectReader> object,
                                                           const ParquetOptions& options);

}  // namespace millrace::lake::parquet
