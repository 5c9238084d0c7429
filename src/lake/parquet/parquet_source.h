#pragma once
/// \file lake/parquet/parquet_source.h
/// One Parquet file as a source of typed rows: its text, read by the CSV reader.

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "contract/contract.h"
#include "lake/csv/csv_source.h"
#include "lake/file_source.h"
#include "lake/parquet/parquet_stream.h"

namespace millrace::lake::parquet {

/// The contract for the text of a file that holds dates or times in `time_columns`.
Contract with_iso_times(Contract contract, const std::vector<std::string>& time_columns);
/// The way the text is written, with the limits of `declared`.
csv::Dialect canonical(const csv::Dialect& declared);

/// A column of the contract that holds dates or times in the file is read in ISO 8601, whatever format
/// the contract declares: that one is for text. Of `dialect`, the limits count.
/// A FileReject: nothing of the file can be loaded. Errors: those of open_parquet and of the stream.
Result<std::variant<std::unique_ptr<FileSource>, FileReject>> start(std::unique_ptr<ObjectReader> object,
                                                                    const ParquetOptions& parquet,
                                                                    const Contract& contract,
                                                                    const csv::Dialect& dialect,
                                                                    const csv::SourceOptions& options);

}  // namespace millrace::lake::parquet
