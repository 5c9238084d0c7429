#pragma once
/// \file lake/open_file.h
/// One object of the lake as a source of typed rows, whatever its format, packing and encoding; and
/// the way back, from a place in its text to the bytes that stand there.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "contract/contract.h"
#include "lake/codec/open_stream.h"
#include "lake/csv/csv_source.h"
#include "lake/file_source.h"
#include "lake/object_store.h"
#include "lake/parquet/parquet_stream.h"
#include "lake/record_list_source.h"

namespace millrace::lake {

enum class FileFormat : std::uint8_t { csv, ndjson, parquet };

/// How the files of a source are written.
struct FileOptions {
  FileFormat format = FileFormat::csv;
  DecodeOptions decode = {};  ///< csv and ndjson
  parquet::ParquetOptions parquet = {};
};

using FileOrReject = std::variant<std::unique_ptr<FileSource>, FileReject>;

/// A FileReject: nothing of the file can be loaded. The contract is borrowed and outlives the source.
/// Errors: those of the object.
Result<FileOrReject> open_file(std::unique_ptr<ObjectReader> object, const FileOptions& how, const Contract& contract,
                               const csv::Dialect& dialect, const csv::SourceOptions& options);

/// Some records of an object once more, with the places that they have there: how its other records look is
/// read from it. Errors and FileReject as open_file. The contract is borrowed and outlives the source.
Result<RecordListSource::Started> open_records(std::unique_ptr<ObjectReader> object, const FileOptions& how,
                                               const Contract& contract, const csv::Dialect& dialect,
                                               const csv::SourceOptions& options, std::vector<ListedRecord> records);

/// Bytes of the decoded text: what _mr_offset and _mr_length of a row say, and byte_offset and
/// byte_length of a reject.
struct TextRange {
  std::uint64_t offset = 0, length = 0;
};

/// The bytes of each range, read in one pass over the object; by position where stored bytes and text
/// are the same. Requires: ascending by offset. Memory: the ranges and one buffer.
/// Errors: those of the store; conflict where the text ends before a range does; contract_violation
/// where the object cannot be unpacked or decoded any more.
Result<std::vector<std::string>> read_text_ranges(ObjectStore& store, const ObjectInfo& object, const FileOptions& how,
                                                  std::span<const TextRange> ranges);

}  // namespace millrace::lake
