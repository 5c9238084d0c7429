#pragma once
/// \file ingest/quarantine.h
/// The rows that were set aside: looking at them, and giving them up. See replay.h for taking them back.

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "warehouse/session.h"

namespace millrace::ingest {

/// Which rows are meant; what is empty is not asked.
struct QuarantineFilter {
  std::string source;
  std::string file;  ///< landing key, archive key, the last part of either's path, or id
  std::string code, column;
  std::int64_t line = 0;  ///< 0: any
  enum class States : std::uint8_t { open, discarded, both } states = States::open;

  /// Does it mean files that were refused whole as well? They have no lines and no columns.
  [[nodiscard]] bool takes_files() const { return line == 0 && column.empty(); }
};

/// For the statements of refused_files.h: source, file, code, state.
std::vector<warehouse::Value> file_params_of(const QuarantineFilter& filter);

/// Of a file whose other rows are loaded: rows of replaced and unloaded files are not shown.
struct QuarantinedRow {
  std::string source, key, archive_key;
  std::int64_t file_id = 0, line = 0;
  std::uint64_t byte_offset = 0, byte_length = 0;
  std::string code, column, reason, raw;
  bool discarded = false;
  std::string contract_version;
};

struct QuarantineCount {
  std::string source, key, code;
  std::int64_t file_id = 0, rows = 0;
};

/// By file and line. `most`: 0 for all.
Result<std::vector<QuarantinedRow>> quarantined_rows(warehouse::Session& session, const QuarantineFilter& filter,
                                                     std::int64_t most);
/// Rows of the source behind a row, open and discarded; `hex`: bytes that they hold, in hexadecimal; "": any.
Result<std::vector<QuarantinedRow>> quarantined_behind(warehouse::Session& session, const std::string& source,
                                                       const std::string& hex, std::int64_t file_id, std::int64_t line,
                                                       std::int64_t most);
/// By file and code.
Result<std::vector<QuarantineCount>> quarantine_counts(warehouse::Session& session, const QuarantineFilter& filter);

struct Discarded {
  std::int64_t rows = 0, files = 0;
};
/// Gives the open rows up, and the files that were refused whole: they stay counted as quarantined, and are not
/// replayed unless asked for. Failpoints: ingest.discard.before
Result<Discarded> discard(warehouse::Session& session, const QuarantineFilter& filter);

}  // namespace millrace::ingest
