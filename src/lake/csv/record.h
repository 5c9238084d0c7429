#pragma once
/// \file lake/csv/record.h
/// Records of delimited text (RFC 4180), with the one rule for what is broken.
///
/// A quote opens a field only as its first character, and must be closed within 1 MiB by a quote
/// that a delimiter, a line end or the end of the file follows. Where it is not, the record is
/// broken and ends at its first line end: reading goes on with the next physical line, so that a
/// stray quote costs one record and never the rest of the file. LF, CRLF and CR end a record.

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "contract/reject.h"
#include "lake/csv/structure.h"

namespace millrace::lake::csv {

inline constexpr std::size_t kMostFieldBytes = 1 << 20;
inline constexpr std::size_t kMostRecordBytes = 16 << 20;

struct Dialect {
  char delimiter = ',';
  char quote = '"';
};

struct FieldSlice {
  std::string_view text;  ///< without the enclosing quotes; doubled quotes still doubled
  bool quoted = false;
  bool has_doubled_quotes = false;
};

struct Record {
  const char* begin = nullptr;
  const char* text_end = nullptr;        ///< before the line end
  const char* end = nullptr;             ///< behind the line end
  std::int64_t line = 0;                 ///< of `begin`, 1-based, physical
  RejectCode broken = RejectCode::none;  ///< unbalanced_quote, text_after_quote: fields are empty
  std::span<const FieldSlice> fields;    ///< valid until the next record

  [[nodiscard]] bool blank() const { return begin == text_end; }
  [[nodiscard]] std::string_view text() const { return {begin, text_end}; }
};

/// Reads the records of one buffer that begins at a record and ends behind one (or at the end of
/// the file). Threads: one thread at a time.
class RecordReader {
 public:
  /// Requires: kPadding readable bytes behind the buffer.
  RecordReader(std::string_view buffer, const Dialect& dialect, std::int64_t first_line);

  /// False at the end of the buffer.
  bool next(Record& out);

 private:
  const char* read_quoted(const char* open, FieldSlice& field);
  void read_broken(Record& out, const char* open);
  void finish(Record& out, const char* text_end);

  const char* at_;
  const char* end_;
  Dialect dialect_;
  StructuralScanner scanner_;
  std::int64_t line_;
  std::vector<FieldSlice> fields_;
};

/// How much of `buffer` is whole records. Requires: it begins at a record, kPadding behind it.
struct Cut {
  std::size_t bytes = 0;         ///< the whole records; 0: none yet
  bool record_too_long = false;  ///< no record end within kMostRecordBytes
};
Cut cut_at_record(std::string_view buffer, const Dialect& dialect, bool end_of_file);

/// Line ends (LF, CRLF, lone CR) in `text`. Requires: it does not end inside a CRLF.
std::int64_t count_line_ends(std::string_view text);

}  // namespace millrace::lake::csv
