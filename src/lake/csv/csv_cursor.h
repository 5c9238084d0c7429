#pragma once
/// \file lake/csv/csv_cursor.h
/// One parser of a CSV file: takes blocks, finds records, makes rows of them. Two ways lead to the
/// same rows: the index (field_index.h) for records that are written as they should be, and the slow
/// reader (record.h) for every other one.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lake/csv/column_writer.h"
#include "lake/csv/field_index.h"
#include "lake/csv/header.h"
#include "lake/text_file.h"

namespace millrace::lake::csv {

/// All but what TextFile names is read only.
struct CsvFile : TextFile {
  CsvFile(std::unique_ptr<ByteStream> stream, const Dialect& d, const SourceOptions& options)
      : TextFile(std::move(stream), d, options), dialect(d) {}

  Dialect dialect;
  Header header;
  bool no_header = false;  // an empty file: there is nothing to read
};

/// Threads: one thread at a time. Borrows the file.
class CsvCursor final : public BlockCursor {
 public:
  explicit CsvCursor(CsvFile& file);

 private:
  Result<std::size_t> read(const Block& block, std::span<ColumnBuffer> out) override;
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
  FieldIndexer indexer_;
  WindowIndex index_;
  Unescaper unescape_;
  ColumnWriter columns_;
  const char* text_ = nullptr;  // of the block
  std::uint64_t offset_ = 0;    // of `text_`, in the file's text
  std::optional<RecordReader> reader_;
  const char* at_ = nullptr;   // the next record
  std::int64_t line_ = 1;      // of `at_`
  const char* end_ = nullptr;  // of the block
  const char* window_ = nullptr;
  std::size_t next_record_ = 0;       // of the window
  const char* slow_until_ = nullptr;  // the records before it are read the slow way
  std::vector<SimpleRecord> run_;
  std::vector<FieldText> fields_;
};

}  // namespace millrace::lake::csv
