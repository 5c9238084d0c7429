#pragma once
/// \file lake/csv/record.h
/// Records of delimited text (RFC 4180), with the one rule for what is broken.
///
/// A quote opens a field only as its first character, and must be closed within max_field_bytes by a quote
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

/// How a file is written, as its source declares it.
struct Dialect {
  char delimiter = ',';
  char quote = '"';
  char escape = '\0';                       ///< a character that takes the next one as it is; \0: none
  char comment = '\0';                      ///< a record that starts with it is no record; \0: none
  std::int64_t skip_lines = 0;              ///< physical lines above the header
  bool stray_quotes = true;                 ///< a quote inside an unquoted field is text (with a warning), or an error
  std::size_t max_field_bytes = 1 << 20;    ///< longer: the record is rejected
  std::size_t max_record_bytes = 64 << 20;  ///< longer: the file is refused
  std::size_t max_columns = 4096;           ///< of the header; more: the file is refused
};

struct FieldSlice {
  std::string_view text;  ///< without the enclosing quotes; doubled quotes still doubled
  bool quoted = false;
  bool has_doubled_quotes = false;  ///< or escaped characters
};

struct Record {
  const char* begin = nullptr;
  const char* text_end = nullptr;        ///< before the line end
  const char* end = nullptr;             ///< behind the line end
  std::int64_t line = 0;                 ///< of `begin`, 1-based, physical
  RejectCode broken = RejectCode::none;  ///< unbalanced_quote, text_after_quote, field_too_long: fields are empty
  bool stray_quote = false;              ///< a quote stands inside an unquoted field
  std::span<const FieldSlice> fields;    ///< valid until the next record

  [[nodiscard]] bool blank() const { return begin == text_end; }
  [[nodiscard]] bool is_comment(const Dialect& d) const { return d.comment != '\0' && !blank() && *begin == d.comment; }
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

  /// Goes on at `position`, the begin of a record. Requires: within the buffer.
  void seek(const char* position, std::int64_t line);
  /// Of the next record.
  [[nodiscard]] std::int64_t line() const { return line_; }

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

/// Whole records at the front of a buffer.
struct Cut {
  std::size_t bytes = 0;         ///< 0: none yet
  std::int64_t lines = 0;        ///< line ends in them
  bool record_too_long = false;  ///< no record end within max_record_bytes
};
/// The first records of `buffer`, until they have `most_lines` line ends or more.
/// Requires: it begins at a record, kPadding behind it; most_lines > 0.
Cut cut_at_record(std::string_view buffer, const Dialect& dialect, bool end_of_file, std::int64_t most_lines);

/// Bytes of the first `lines` physical lines of `text`, with their line ends (LF, CRLF, lone CR); npos where it has
/// fewer line ends.
std::size_t bytes_of_lines(std::string_view text, std::int64_t lines);

/// Line ends (LF, CRLF, lone CR) in `text`. Requires: it does not end inside a CRLF.
std::int64_t count_line_ends(std::string_view text);

}  // namespace millrace::lake::csv
