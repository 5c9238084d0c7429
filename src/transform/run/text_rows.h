#pragma once
/// \file transform/run/text_rows.h
/// A table of texts in memory that an engine can read from: seeds, and failing rows that are kept past a rollback.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "contract/row_source.h"

namespace millrace::transform {

/// Cells by row in one run of bytes: a seed of a million cells is two allocations, not a million.
/// Threads: safe to share once it is filled; as a source it is read once.
class TextRows final : public RowSource {
 public:
  explicit TextRows(std::vector<std::string> names);

  void add(std::optional<std::string_view> cell);  ///< row by row, column by column
  [[nodiscard]] std::size_t width() const { return columns_.size(); }
  [[nodiscard]] std::size_t rows() const { return width() == 0 ? 0 : cells_.size() / width(); }
  [[nodiscard]] const std::string& name(std::size_t column) const { return columns_[column].name; }
  /// nullopt: NULL. Valid until the next add().
  [[nodiscard]] std::optional<std::string_view> cell(std::size_t row, std::size_t column) const;
  /// Puts another text in its place. Requires: the cell is no NULL.
  void replace(std::size_t row, std::size_t column, std::string_view text);
  void make_null(std::size_t row, std::size_t column);

  [[nodiscard]] std::span<const millrace::Column> columns() const override { return columns_; }
  Result<std::unique_ptr<RowCursor>> open() override;

 private:
  class Cursor;
  static constexpr std::uint32_t kNull = ~std::uint32_t{0};
  struct Slice {
    std::size_t at = 0;
    std::uint32_t size = kNull;
  };
  std::vector<millrace::Column> columns_;
  std::vector<Slice> cells_;
  std::string bytes_;
  std::size_t next_row_ = 0;
};

}  // namespace millrace::transform
