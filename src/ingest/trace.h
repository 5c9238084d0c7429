#pragma once
/// \file ingest/trace.h
/// Where a row comes from: file, line and bytes, and the bytes themselves.

#include <cstdint>
#include <string>
#include <vector>

#include "ingest/quarantine.h"
#include "ingest/source.h"
#include "lake/object_store.h"
#include "warehouse/session.h"

namespace millrace::ingest {

struct TracedRow {
  std::string key, archive_key, contract_version, loaded_at;
  std::int64_t file_id = 0, line = 0;
  std::uint64_t byte_offset = 0, byte_length = 0;  ///< of the decoded text, with the line end
  std::int64_t superseded_by = 0;                  ///< a file; 0: the row stands in the landing table
  std::string raw;
  std::string trouble;  ///< why the bytes cannot be read; then `raw` is empty
};

struct Trace {
  static constexpr std::size_t kMostQuarantined = 1'000;

  std::string source, table;
  std::vector<std::string> columns;         ///< of the key
  std::vector<TracedRow> rows;              ///< those that stand first
  std::vector<QuarantinedRow> quarantined;  ///< with the key, or too broken to say and holding it as a word
  bool more_quarantined = false;            ///< than are in the list
};

/// The columns by which rows of the source are named: its primary key, or its first unique column.
/// Errors: unsupported where the contract has neither.
Result<std::vector<std::size_t>> tracing_key(const Source& source);

/// `key`: a text for each column of tracing_key; "" asks for rows without the value. Values are compared, not texts:
/// 007 is 7 in a number and not in a text. Finding nothing is no error.
/// Errors: invalid_input for a wrong number of values, or one that is not of its column's type.
Result<Trace> trace(warehouse::Session& session, lake::ObjectStore& store, const Source& source,
                    const std::vector<std::string>& key);

}  // namespace millrace::ingest
