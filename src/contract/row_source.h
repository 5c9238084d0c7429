#pragma once
/// \file contract/row_source.h
/// Rows on their way into a warehouse, pulled by the engine in typed batches, from several threads.

#include <memory>
#include <span>
#include <vector>

#include "base/result.h"
#include "contract/column.h"

namespace millrace {

/// One puller's share. Threads: one thread at a time.
class RowCursor {
 public:
  virtual ~RowCursor() = default;
  /// Fills up to kBatchRows rows and says how many; 0: no more rows for this cursor.
  /// Strings may point into memory of the cursor, valid until the next call.
  virtual Result<std::size_t> next(std::span<ColumnBuffer> out) = 0;
};

/// Each row comes out of exactly one cursor, in no particular order. Read once, never rewound.
/// Threads: open() and the cursors may be used from several threads at once.
class RowSource {
 public:
  virtual ~RowSource() = default;
  [[nodiscard]] virtual std::span<const Column> columns() const = 0;
  [[nodiscard]] virtual std::size_t most_cursors() const { return 1; }
  virtual Result<std::unique_ptr<RowCursor>> open() = 0;
};

}  // namespace millrace
