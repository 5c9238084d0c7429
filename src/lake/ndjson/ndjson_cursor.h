#pragma once
/// \file lake/ndjson/ndjson_cursor.h
/// One parser of a file of JSON lines.

#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "lake/ndjson/json_line.h"
#include "lake/text_file.h"

namespace millrace::lake::ndjson {

/// What the cursors of one file share. All but `blocks`, `tally` and `said` is read only.
struct NdjsonFile : TextFile {
  struct Target {
    std::size_t column = 0;  ///< of the contract, or behind them a new one
    bool alias = false;
  };

  NdjsonFile(std::unique_ptr<ByteStream> stream, const csv::Dialect& dialect, const csv::SourceOptions& options)
      : TextFile(std::move(stream), dialect, options), most_keys(dialect.max_columns) {}

  /// May a key that no column has become one? Not where a column's name differs in case only, or is our own.
  [[nodiscard]] bool may_be_column(std::string_view key) const;
  /// Says a word on the whole file, once.
  void say(RejectCode code, const std::string& column, std::string reason);

  std::unordered_map<std::string_view, Target> target_of;  ///< by key; views of contract and shape
  std::set<std::string> taken;                             ///< names of columns, in lower case
  std::size_t most_keys;

 private:
  std::mutex mutex_;
  std::set<std::pair<RejectCode, std::string>> said_;  // guarded by mutex_
};

/// Threads: one thread at a time. Borrows the file.
class NdjsonCursor final : public BlockCursor {
 public:
  explicit NdjsonCursor(NdjsonFile& file);

 private:
  enum class Taken : std::uint8_t { row, none, refused };

  Result<std::size_t> read(const csv::Block& block, std::span<ColumnBuffer> out) override;
  Taken take_line(std::span<ColumnBuffer> out, std::size_t row);
  std::optional<JsonLine::Fault> read_line(std::string_view text);
  std::optional<JsonLine::Fault> place_members();
  std::optional<JsonLine::Fault> settle_unknown(const Member& member);
  std::optional<JsonLine::Fault> find_twice();

  NdjsonFile& file_;
  JsonLine json_;
  bool clean_ = false;          // the block is UTF-8
  const char* text_ = nullptr;  // of the block
  std::uint64_t offset_ = 0;    // of text_, in the file's text
  const char* at_ = nullptr;
  const char* end_ = nullptr;
  std::int64_t line_ = 1;  // of at_
  std::vector<FieldText> fields_;
  std::vector<bool> seen_;                 // for each of fields_
  std::vector<std::string_view> unknown_;  // keys of the present line
  std::set<std::string, std::less<>> told_;
};

/// First line end in [p, end), or end: LF, CRLF and CR, as in CSV.
const char* line_end_of(const char* p, const char* end);

}  // namespace millrace::lake::ndjson
