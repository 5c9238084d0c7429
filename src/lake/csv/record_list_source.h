#pragma once
/// \file lake/csv/record_list_source.h
/// Some records of a CSV file once more, as if it were read again: against another contract, perhaps.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "lake/byte_stream.h"
#include "lake/csv/csv_source.h"
#include "lake/findings.h"

namespace millrace::lake::csv {

struct ListedRecord {
  Place place;      ///< in the text of its file
  std::string raw;  ///< its bytes without the line end
};

/// The text with which a file begins: the header, and the first records, by which a reader decides how the
/// others end. Errors: those of the stream.
Result<std::string> read_head(ByteStream& text, const Dialect& dialect);

/// Rows say where they stand in their file; those of the head, which are read again on the way, say line 0
/// and are to be left out. Threads: as RowSource, with one cursor.
class RecordListSource final : public RowSource {
 public:
  /// `head`: as read_head gives it. A FileReject: no record can be read at all. The contract is borrowed and
  /// outlives the source. `options`: all but cursors, limits and on_block.
  static Result<std::variant<std::unique_ptr<RecordListSource>, FileReject>> start(std::string_view head,
                                                                                   std::vector<ListedRecord> records,
                                                                                   const Contract& contract,
                                                                                   const Dialect& dialect,
                                                                                   SourceOptions options);

  [[nodiscard]] std::span<const Column> columns() const override { return inner_->columns(); }
  Result<std::unique_ptr<RowCursor>> open() override;
  [[nodiscard]] std::vector<std::string> new_columns() const { return inner_->new_columns(); }

  /// The three below: when the cursor is done. Records that are none now (blank, a comment) are in neither list.
  [[nodiscard]] const std::optional<FileReject>& file_reject() const { return inner_->file_reject(); }
  std::vector<Reject> take_rejects();  ///< by line
  std::vector<Reject> take_flags();    ///< by line; words on the whole file are left out

  [[nodiscard]] const std::vector<ListedRecord>& records() const { return records_; }

 private:
  class Cursor;
  RecordListSource() = default;
  [[nodiscard]] const ListedRecord* at(std::uint64_t offset) const;
  std::vector<Reject> placed(std::vector<Reject> all) const;
  std::vector<ListedRecord> records_;
  std::vector<std::pair<std::uint64_t, std::size_t>> offsets_;  // in the inner text, ascending, with the record
  std::vector<Reject> broken_;                                  // records that end elsewhere than they did
  std::unique_ptr<CsvSource> inner_;
};

}  // namespace millrace::lake::csv
