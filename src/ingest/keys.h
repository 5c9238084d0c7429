#pragma once
/// \file ingest/keys.h
/// A set of unique columns as SQL, and what hangs on keys when a file's rows are taken out.

#include <cstdint>
#include <string>
#include <vector>

#include "ingest/ledger.h"
#include "ingest/source.h"
#include "warehouse/session.h"

namespace millrace::ingest {

struct KeySql {
  std::string names;      ///< for people: "order_id, line"
  std::string columns;    ///< quoted, with commas
  std::string present;    ///< none of them is NULL
  std::string same;       ///< rows f and t have the same key
  std::string newest_by;  ///< the head of an ORDER BY, newest first; may be empty
};
KeySql key_sql(const warehouse::Dialect& dialect, const Source& source, const std::vector<std::size_t>& columns);

/// The one key by which rows supersede each other; none where the contract has not exactly one.
/// Requires for on_duplicate_key: newest: one is there (load_sources sees to it).
std::vector<std::vector<std::size_t>> superseding_keys(const Source& source);

/// Takes a file's rows out of the landing table: rows that they had superseded come back, and the ledger says
/// `state` of the file from now on. Its quarantined rows and flags stay.
std::vector<warehouse::Statement> removal_of(const warehouse::Dialect& dialect, const Source& source,
                                             std::int64_t file_id, FileState state);

}  // namespace millrace::ingest
