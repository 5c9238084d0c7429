#pragma once
/// \file lake/text_file.h
/// What the readers of text files have in common, whatever the format of a record is.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "lake/csv/block_reader.h"
#include "lake/csv/csv_source.h"
#include "lake/findings.h"
#include "lake/key_gate.h"
#include "lake/row_writer.h"

namespace millrace::lake {

/// Which line ends a file uses, as bits.
enum LineEnds : unsigned { kLf = 1, kCrLf = 2, kCr = 4 };

/// What the cursors of one file share. All but `blocks`, `tally`, `gate` and the atomics is read only.
struct TextFile {
  TextFile(std::unique_ptr<ByteStream> stream, const csv::Dialect& dialect, const csv::SourceOptions& options);

  /// Before the first cursor.
  void know_shape(RowShape known);

  RowShape shape;
  std::vector<Column> columns;  // of the rows
  std::size_t most_flags;
  std::vector<std::size_t> variants;  // columns of the contract that are to have a variant
  std::function<void(std::uint64_t bytes)> on_block;
  csv::BlockReader blocks;
  Tally tally;
  KeyGate* gate;  // borrowed; nullptr: every row comes through
  std::atomic<unsigned> line_ends{0};
  std::atomic<std::uint64_t> bytes_done{0};

  /// "found LF CRLF" where there is more than one kind; otherwise empty.
  [[nodiscard]] std::string mixed_line_ends() const;
};

/// One parser of a file: takes blocks, makes one batch of each. Threads: one thread at a time. Borrows the file.
class BlockCursor : public RowCursor {
 public:
  Result<std::size_t> next(std::span<ColumnBuffer> out) final;

 protected:
  explicit BlockCursor(TextFile& file)
      : findings_(file.most_flags), rows_(file.shape, findings_, file.tally), file_(file) {}

  /// Makes rows of all records of the block and says how many. Strings may point into it.
  virtual Result<std::size_t> read(const csv::Block& block, std::span<ColumnBuffer> out) = 0;

  Findings findings_;
  RowWriter rows_;
  unsigned line_ends_ = 0;

 private:
  Result<bool> take_block();
  TextFile& file_;
  csv::Block block_;
};

}  // namespace millrace::lake
