#pragma once
/// \file lake/csv/csv_cursor.h
/// One parser of a CSV file: takes blocks, finds records, makes rows of them. Two ways lead to the
/// same rows: the index (field_index.h) for records that are written as they should be, and the slow
/// reader (record.h) for every other one.

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lake/csv/block_reader.h"
#include "lake/csv/column_writer.h"
#include "lake/csv/field_index.h"
#include "lake/csv/header.h"
#include "lake/findings.h"
#include "lake/row_writer.h"

namespace millrace::lake::csv {

/// Which line ends a file uses, as bits.
enum LineEnds : unsigned { kLf = 1, kCrLf = 2, kCr = 4 };

/// What the cursors of one file share. All but `blocks` and `tally` is read only.
struct CsvFile {
  CsvFile(std::unique_ptr<ByteStream> stream, const Dialect& d, const TallyLimits& limits, std::size_t block_bytes)
      : dialect(d), most_flags(limits.most_flags), blocks(std::move(stream), d, block_bytes), tally(limits) {}

  Dialect dialect;
  RowShape shape;
  Header header;
  bool no_header = false;  // an empty file: there is nothing to read
  std::size_t most_flags;
  std::function<void(std::uint64_t bytes)> on_block;
  BlockReader blocks;
  Tally tally;
  std::atomic<unsigned> line_ends{0};
  std::atomic<std::uint64_t> bytes_done{0};
};

/// Threads: one thread at a time. Borrows the file.
class CsvCursor final : public RowCursor {
 public:
  explicit CsvCursor(CsvFile& file);
  Result<std::size_t> next(std::span<ColumnBuffer> out) override;

 private:
  Result<bool> next_block();
  void open_window();
  std::size_t take_simple(std::span<ColumnBuffer> out, std::size_t row);
  bool is_simple(const SimpleRecord& record, const IndexedRecord& indexed) const;
  bool take_slow(std::span<ColumnBuffer> out, std::size_t row);
  bool write_slow(const Record& record, const Place& place, std::span<ColumnBuffer> out, std::size_t row);
  RejectCode shape_of(const Record& record, std::string& reason) const;
  bool names_again(std::string_view first_field) const;
  void pass(const char* to, std::int64_t lines);
  Place place_of(const Record& record) const;
  SimpleRecord locate(std::size_t record, std::uint32_t begin) const;

  CsvFile& file_;
  Findings findings_;
  RowWriter rows_;
  FieldIndexer indexer_;
  WindowIndex index_;
  Unescaper unescape_;
  ColumnWriter columns_;
  Block block_;
  bool have_block_ = false;
  std::optional<RecordReader> reader_;
  const char* at_ = nullptr;   // the next record
  std::int64_t line_ = 1;      // of `at_`
  const char* end_ = nullptr;  // of the block
  const char* window_ = nullptr;
  std::size_t next_record_ = 0;       // of the window
  const char* slow_until_ = nullptr;  // the records before it are read the slow way
  std::vector<SimpleRecord> run_;
  std::vector<FieldText> fields_;
  unsigned line_ends_ = 0;
};

}  // namespace millrace::lake::csv
