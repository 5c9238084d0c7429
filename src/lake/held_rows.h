#pragma once
/// \file lake/held_rows.h
/// A few rows copied out of batches, to be read as a source of their own later.

#include <array>
#include <cstddef>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "contract/row_source.h"

namespace millrace::lake {

/// Threads: one thread at a time; once it is read, no more rows come.
class HeldRows final : public RowSource {
 public:
  /// Before the first row.
  void know(std::span<const Column> columns) { columns_.assign(columns.begin(), columns.end()); }
  /// Copies row `row` of a batch, texts included.
  void add(std::span<const ColumnBuffer> batch, std::size_t row);

  [[nodiscard]] std::size_t size() const { return rows_; }
  [[nodiscard]] std::size_t bytes() const { return cells_.size() * sizeof(Cell) + text_bytes_; }
  [[nodiscard]] std::span<const Column> columns() const override { return columns_; }
  Result<std::unique_ptr<RowCursor>> open() override;

 private:
  class Cursor;
  using Cell = std::array<std::byte, 16>;  // of the widest type
  std::vector<Column> columns_;
  std::vector<Cell> cells_;        // row by row
  std::vector<bool> nulls_;        // for each cell
  std::deque<std::string> texts_;  // a deque: cells point to its elements
  std::size_t rows_ = 0, text_bytes_ = 0;
};

}  // namespace millrace::lake
