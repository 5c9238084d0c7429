#pragma once
/// \file lake/csv/block_reader.h
/// The text of one file cut into blocks of whole records, handed to several parsers.

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "contract/reject.h"
#include "lake/byte_stream.h"
#include "lake/csv/record.h"

namespace millrace::lake::csv {

/// Owns its bytes. Reused from block to block by its parser.
struct Block {
  std::unique_ptr<char[]> memory;
  std::size_t capacity = 0;
  std::size_t size = 0;
  std::uint64_t offset = 0;  ///< of the first byte, in the text
  std::int64_t first_line = 1;
  [[nodiscard]] std::string_view bytes() const { return {memory.get(), size}; }
};

/// The front of a text, to judge the file by.
struct Head {
  std::string_view bytes;   ///< valid until the first skip() or take()
  bool whole_file = false;  ///< nothing follows
};

/// Threads: safe to share; take() is serial inside.
class BlockReader {
 public:
  static constexpr std::size_t kBlockBytes = 2 << 20;
  /// How much a file is judged by: the header, the delimiter, what it is at all. Does not hang on the size of the
  /// blocks, or the same file would be refused under one and loaded under another.
  static constexpr std::size_t kHeadBytes = 2 << 20;

  /// `block_bytes`: how much is read at a time; tests make it small.
  BlockReader(std::unique_ptr<ByteStream> stream, const Dialect& dialect, std::size_t block_bytes = kBlockBytes);

  /// The next whole records; false at the end of the file. A last byte 0x1A (Ctrl-Z) is left out.
  /// Errors: contract_violation, with reject() set, for a record without end, a file that ends in NUL
  /// bytes and what the stream refuses; those of the stream.
  Result<bool> take(Block& block);

  /// The head of the file, without taking it. Before the first take().
  Result<Head> peek();
  /// Takes `bytes` from the head: the header is no record.
  void skip(std::size_t bytes, std::int64_t lines);

  [[nodiscard]] std::optional<FileReject> reject() const;

  /// The three below: when take() has said false.
  [[nodiscard]] StreamFacts stream_facts();
  [[nodiscard]] std::uint64_t bytes_read() const { return offset_ + (control_z_ ? 1 : 0); }
  [[nodiscard]] bool ended_in_control_z() const { return control_z_; }

 private:
  Result<std::size_t> draw(std::span<char> into);
  Status read_more(Block& block);
  Status settle_end(Block& block);
  Error refuse(RejectCode code, std::string reason);
  void reserve(Block& block, std::size_t bytes) const;

  mutable std::mutex mutex_;
  std::unique_ptr<ByteStream> stream_;
  Dialect dialect_;
  std::size_t block_bytes_;
  std::string head_;  // bytes peeked at; those from head_at_ on are still to be drawn
  std::size_t head_at_ = 0;
  std::string carry_;  // bytes drawn and not handed out yet, beginning at a record
  std::uint64_t offset_ = 0;
  std::int64_t line_ = 1;
  bool end_of_file_ = false;
  bool end_settled_ = false;
  bool control_z_ = false;
  std::optional<FileReject> reject_;
};

}  // namespace millrace::lake::csv
