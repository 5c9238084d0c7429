#pragma once
/// \file lake/file_source.h
/// One file of the lake as a source of typed rows, whatever its format. What is not good enough to
/// be a row is kept aside with line, bytes and reason; when the source is exhausted, its facts
/// account for every byte.

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "contract/reject.h"
#include "contract/row_source.h"

namespace millrace::lake {

/// Behind the contract's columns, each row carries where it came from. Source: promise I10.
inline constexpr std::string_view kLineColumn = "_mr_line";      ///< int64, physical line, 1-based
inline constexpr std::string_view kOffsetColumn = "_mr_offset";  ///< int64, byte in the decoded text
inline constexpr std::string_view kLengthColumn = "_mr_length";  ///< int32, bytes with the line end

/// Columns that a file needs and only its end tells: it has to be read again, with them.
struct LateColumns {
  std::vector<std::string> keys;      ///< of JSON, met behind the head (schema_contract.columns: evolve)
  std::vector<std::size_t> variants;  ///< of the contract, with values of another type (data_type: evolve)
  [[nodiscard]] bool empty() const { return keys.empty() && variants.empty(); }
};

/// Adds what an earlier reading did not know; false: there is nothing to add.
bool take_late_columns(const LateColumns& found, LateColumns& known);

/// records = loaded + rejected; header, record and blank bytes together are the text's bytes.
struct FileFacts {
  std::uint64_t stored_bytes = 0;  ///< as the lake holds them
  std::string sha256;              ///< of the stored bytes
  std::string codec;               ///< "" where text and stored bytes are the same
  std::uint64_t bytes = 0, header_bytes = 0, record_bytes = 0, blank_bytes = 0;
  std::int64_t records = 0, loaded = 0, rejected = 0, blank_lines = 0;
  std::int64_t flagged = 0;                     ///< rows that carry at least one flag
  std::map<RejectCode, std::int64_t> warnings;  ///< by code; all are counted, few are kept
};

/// Threads: open() and the cursors from several threads; the rest when they are done.
class FileSource : public RowSource {
 public:
  /// Columns of the file that the contract does not know and that the landing table is to have
  /// (schema_contract: evolve): new ones, and variants. They come behind the contract's columns in columns(), as text.
  [[nodiscard]] virtual std::vector<std::string> new_columns() const { return {}; }

  /// Columns that the file turned out to need beyond those it was started with. Where there are any, facts() is an
  /// error of kind cancelled: open the file again with them (SourceOptions::late).
  /// Requires, as those below: every cursor has returned 0 rows or an error.
  [[nodiscard]] virtual LateColumns late_columns() const { return {}; }
  [[nodiscard]] virtual const std::optional<FileReject>& file_reject() const = 0;
  /// Sorted by line. Taken out: the second call gives none.
  virtual std::vector<Reject> take_rejects() = 0;
  virtual std::vector<Reject> take_flags() = 0;
  /// Errors: internal where the bytes do not add up, so that nothing of the file is committed.
  virtual Result<FileFacts> facts() = 0;
};

}  // namespace millrace::lake
