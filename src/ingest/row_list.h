#pragma once
/// \file ingest/row_list.h
/// A few rows of values as a RowSource: rejects, flags, lines, the facts of a file.

#include <functional>
#include <vector>

#include "contract/row_source.h"
#include "warehouse/statement.h"

namespace millrace::ingest {

using ValueRows = std::vector<std::vector<warehouse::Value>>;

/// Threads: one statement at a time.
class RowList final : public RowSource {
 public:
  /// `make` is called when the statement starts, so that it sees what earlier ones have found.
  /// It gives rows of the columns' types: int64, text, blob; monostate is NULL.
  RowList(std::vector<Column> columns, std::function<Result<ValueRows>()> make)
      : columns_(std::move(columns)), make_(std::move(make)) {}

  [[nodiscard]] std::span<const Column> columns() const override { return columns_; }
  Result<std::unique_ptr<RowCursor>> open() override;

 private:
  class Cursor;
  std::vector<Column> columns_;
  std::function<Result<ValueRows>()> make_;
};

}  // namespace millrace::ingest
