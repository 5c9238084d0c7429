#pragma once
/// \file lake/record_list_source.h
/// Some records of a file once more, as if it were read again: against another contract, perhaps.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "lake/byte_stream.h"
#include "lake/csv/csv_source.h"
#include "lake/file_source.h"
#include "lake/findings.h"

namespace millrace::lake {

struct ListedRecord {
  Place place;      ///< in the text of its file
  std::string raw;  ///< its bytes without the line end
};

/// The CSV text with which a file begins: the header, and the first records, by which a reader decides how the
/// others end. Errors: those of the stream.
Result<std::string> read_head(ByteStream& text, const csv::Dialect& dialect);

/// Rows say where they stand in their file; those of the head, which are read again on the way, say line 0
/// and are to be left out. Threads: as RowSource, with one cursor.
class RecordListSource final : public RowSource {
 public:
  using Started = std::variant<std::unique_ptr<RecordListSource>, FileReject>;

  /// Records of a CSV file. `head`: as read_head gives it. A FileReject: no record can be read at all. The
  /// contract is borrowed and outlives the source. `options`: all but cursors, limits and on_block.
  static Result<Started> start(std::string_view head, std::vector<ListedRecord> records, const Contract& contract,
                               const csv::Dialect& dialect, csv::SourceOptions options);
  /// Records of a file of JSON lines; otherwise the same.
  static Result<Started> start_lines(std::vector<ListedRecord> records, const Contract& contract,
                                     const csv::Dialect& dialect, csv::SourceOptions options);
  /// Lets the source own the contract that it was started with.
  void keep(std::unique_ptr<const Contract> contract) { contract_ = std::move(contract); }

  [[nodiscard]] std::span<const Column> columns() const override { return inner_->columns(); }
  Result<std::unique_ptr<RowCursor>> open() override;
  [[nodiscard]] std::vector<std::string> new_columns() const { return inner_->new_columns(); }
  /// When the cursor is done: start again with them.
  [[nodiscard]] LateColumns late_columns() const { return inner_->late_columns(); }

  /// The three below: when the cursor is done. Records that are none now (blank, a comment) are in neither list.
  [[nodiscard]] const std::optional<FileReject>& file_reject() const { return inner_->file_reject(); }
  std::vector<Reject> take_rejects();  ///< by line
  std::vector<Reject> take_flags();    ///< by line; words on the whole file are left out

  [[nodiscard]] const std::vector<ListedRecord>& records() const { return records_; }

 private:
  class Cursor;
  RecordListSource() = default;
  void add(std::string& text, std::size_t record);
  void reject(std::size_t record, RejectCode code);
  [[nodiscard]] const ListedRecord* at(std::uint64_t offset) const;
  std::vector<Reject> placed(std::vector<Reject> all) const;
  std::vector<ListedRecord> records_;
  std::vector<std::pair<std::uint64_t, std::size_t>> offsets_;  // in the inner text, ascending, with the record
  std::vector<Reject> broken_;                                  // records that end elsewhere than they did
  std::unique_ptr<const Contract> contract_;                    // where it is our own; outlives inner_
  std::unique_ptr<FileSource> inner_;
};

}  // namespace millrace::lake
