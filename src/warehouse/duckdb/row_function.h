#pragma once
/// \file warehouse/duckdb/row_function.h
/// The table function millrace_rows(id): a RowSource as a relation, so that `INSERT … SELECT`
/// pulls typed batches from several threads inside our transaction.
/// Source: duckdb.h, section "Table Functions".

#include <duckdb.h>

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>

#include "contract/row_source.h"

namespace millrace::warehouse::duckdb {

/// The sources that statements may name now. Threads: safe to share.
class SourceRegistry {
 public:
  std::int64_t add(RowSource& source);  ///< borrowed until remove()
  void remove(std::int64_t id);
  RowSource* find(std::int64_t id);

  /// What a cursor failed with: the engine keeps only a text, the kind would be lost.
  void set_error(std::int64_t id, Error error);
  std::optional<Error> take_error(std::int64_t id);

 private:
  std::mutex mutex_;
  std::int64_t next_id_ = 1;
  std::map<std::int64_t, RowSource*> sources_;
  std::map<std::int64_t, Error> errors_;
};

/// Makes millrace_rows known to the connection's database. The registry outlives the database.
bool register_row_function(duckdb_connection connection, SourceRegistry& registry);

}  // namespace millrace::warehouse::duckdb
