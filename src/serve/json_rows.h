#pragma once
/// \file serve/json_rows.h
/// Rows as JSON objects, written straight from the engine's columns. Column names are escaped once;
/// a cell costs no allocation. Source: RFC 8259.
///
/// Integers of any width and decimals are numbers with all their digits, floats have the shortest
/// form that reads back equal (NaN and infinities: null), dates and times are ISO 8601 text (a
/// fraction only where it is not zero; timestamptz ends in Z), blobs are base64, NULL is null.

#include <span>
#include <string>
#include <vector>

#include "contract/column.h"

namespace millrace::serve {

/// Threads: safe to share.
class JsonRows {
 public:
  explicit JsonRows(std::span<const Column> columns);

  /// Appends the rows from `first` to before `last` as `{...},{...}`.
  /// Requires: the columns of the constructor, none of kind `other`.
  void append(std::string& out, std::span<const ColumnView> columns, std::size_t first, std::size_t last) const;

 private:
  std::vector<std::string> names_;  // `{"order_id":`, `,"website":`, …
};

}  // namespace millrace::serve
