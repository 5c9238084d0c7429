#pragma once
/// \file lake/csv/column_writer.h
/// Many simple records at once, column by column: what a column asks of its fields is decided once
/// and not for each field. What is not plain goes the way of row_writer.h, with the same outcome.

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lake/csv/field_index.h"
#include "lake/csv/header.h"
#include "lake/findings.h"
#include "lake/row_writer.h"

namespace millrace::lake::csv {

/// Text of a field in quotes with its doubled (or escaped) quotes made single. Stays where it is until
/// clear(). Threads: one thread at a time.
class Unescaper {
 public:
  explicit Unescaper(const Dialect& dialect) : dialect_(dialect) {}
  std::string_view operator()(std::string_view text);
  void clear() { texts_.clear(); }
  /// Other texts that are to stay as long.
  std::deque<std::string>& texts() { return texts_; }

 private:
  Dialect dialect_;
  std::deque<std::string> texts_;  // a deque: its elements stay where they are
};

/// A record of a window that has as many fields as the header. Positions are relative to the window.
struct SimpleRecord {
  std::uint32_t begin = 0;
  std::uint32_t text_end = 0;
  std::uint32_t end = 0;         ///< behind the line end
  std::uint32_t first_stop = 0;  ///< index into the window's stops
  std::int64_t line = 0;
};

/// Threads: one thread at a time. Borrows all.
class ColumnWriter {
 public:
  static constexpr std::size_t kMostRecords = 256;

  ColumnWriter(const RowShape& shape, const Header& header, const Dialect& dialect, Findings& findings, Tally& tally,
               Unescaper& unescape);

  /// Writes the good ones of `records` into `out` from row `row` on and says how many they are; counts all
  /// and keeps what is to be said of them. `window` begins at byte `offset` of the text.
  /// Requires: at most kMostRecords; UTF-8 without NUL.
  std::size_t write(const char* window, std::uint64_t offset, const std::uint32_t* stops,
                    std::span<const SimpleRecord> records, std::span<ColumnBuffer> out, std::size_t row);

 private:
  /// How the fields of a column are read when they are plain: no quotes, not empty.
  enum class Way : std::uint8_t { any, integer, text, listed, time, absent };
  static Way way_of(const ColumnContract& column);
  struct Source {
    Way way = Way::any;
    std::size_t field = 0;
  };
  struct Failure {
    std::uint32_t record = 0, column = 0;
    RejectCode code = RejectCode::none;
  };
  struct Flagged {
    std::uint32_t record = 0;
    PendingFlag flag;
  };
  struct Work;  // of one call

  void write_column(Work& work, std::size_t column);
  template <class Read>
  void write_plain(Work& work, std::size_t column, Read read);
  void write_any(Work& work, std::size_t column, std::size_t record, std::string_view text);
  FieldText field_text(std::string_view text);
  void keep_failures(Work& work);
  void keep_flags(Work& work);

  const RowShape* shape_;
  Dialect dialect_;
  Findings* findings_;
  Tally* tally_;
  Unescaper* unescape_;
  std::vector<Source> sources_;  // for each column of the contract, then for each new one
  std::vector<ColumnType> types_;
  std::vector<Failure> failures_;
  std::vector<Flagged> flags_;
  std::vector<bool> failed_;
};

}  // namespace millrace::lake::csv
