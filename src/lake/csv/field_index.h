#pragma once
/// \file lake/csv/field_index.h
/// Where the fields of the next records end, found 64 bytes at a time. Only for text whose quotes
/// are where they belong; at the first one that is not, the index ends, and the slow reader
/// (record.h), whose word on what a record is counts, reads the record it stands in.
/// Source of the idea: Langdale & Lemire, "Parsing gigabytes of JSON per second", VLDB 2019.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "lake/csv/record.h"

namespace millrace::lake::csv {

/// A record whose line end has been seen: its fields end at stops[first_stop .. first_stop + fields).
struct IndexedRecord {
  std::uint32_t first_stop = 0;
  std::uint32_t fields = 0;
};

/// What one window of text holds. Positions are relative to its begin. Made once for each cursor.
class WindowIndex {
 public:
  WindowIndex();
  [[nodiscard]] std::span<const IndexedRecord> records() const { return {records_.get(), record_count}; }
  /// Where fields end: delimiters and line ends outside quotes; a CRLF stops at its CR.
  [[nodiscard]] const std::uint32_t* stops() const { return stops_.get(); }

  bool has_quotes = false;
  bool line_ends_in_quotes = false;

  // For the scan: room for a whole window and what it writes too much.
  std::uint32_t* stop_room() { return stops_.get(); }
  IndexedRecord* record_room() { return records_.get(); }
  std::size_t record_count = 0;

 private:
  std::unique_ptr<std::uint32_t[]> stops_;
  std::unique_ptr<IndexedRecord[]> records_;
};

/// Threads: safe to share.
class FieldIndexer {
 public:
  static constexpr std::size_t kWindowBytes = 32 << 10;

  /// Requires: no escape character in the dialect.
  explicit FieldIndexer(const Dialect& dialect);

  /// Indexes [begin, end), at most kWindowBytes of it, into `out`. Requires: `begin` is the begin of a
  /// record; kPadding readable bytes behind `end`.
  void index(const char* begin, const char* end, WindowIndex& out) const;

 private:
  Dialect dialect_;
  void (*scan_)(const Dialect&, const char*, const char*, WindowIndex&);
};

namespace detail {
/// The scan with AVX2; nullptr where this program was built without it.
void (*avx2_scan())(const Dialect&, const char*, const char*, WindowIndex&);
}  // namespace detail

}  // namespace millrace::lake::csv
