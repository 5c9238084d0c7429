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

/// Whole records, no more than a batch has room for. Copies share the bytes.
struct Block {
  std::shared_ptr<const char> memory;  ///< keeps `bytes`, and kPadding more, readable
  std::string_view bytes;
  std::uint64_t offset = 0;  ///< of the first byte, in the text
  std::int64_t first_line = 1;
  std::uint64_t number = 0;  ///< 0, 1, 2, … in the order of the file
};

/// The front of a text, to judge the file by.
struct Head {
  std::string_view bytes;   ///< valid until the first skip() or take()
  bool whole_file = false;  ///< nothing follows
};

/// Threads: safe to share. Taking is serial; the bytes behind are read meanwhile, by one of the takers.
class BlockReader {
 public:
  /// How much is read at a time. Blocks are slices of it.
  static constexpr std::size_t kReadBytes = 1 << 20;
  /// How much a file is judged by: the header, the delimiter, what it is at all. Does not hang on the size of the
  /// blocks, or the same file would be refused under one and loaded under another.
  static constexpr std::size_t kHeadBytes = 2 << 20;

  /// `read_bytes`: how much is read at a time; tests make it small.
  BlockReader(std::unique_ptr<ByteStream> stream, const Dialect& dialect, std::size_t read_bytes = kReadBytes);

  /// The next whole records, kBatchRows at the most; false at the end of the file. A last byte 0x1A
  /// (Ctrl-Z) is left out.
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
  class Pool;
  struct Buffer {
    std::unique_ptr<char[]> memory;
    std::size_t capacity = 0;
    std::size_t begin = 0, end = 0;  // of what is in it
  };
  /// What has been read and is not looked at yet.
  struct Ahead {
    std::shared_ptr<Buffer> buffer;  // kGap free bytes in front
    bool last = false;               // the file ends with it
    std::optional<Error> error;      // instead of bytes
    std::optional<FileReject> reject;
  };
  static constexpr std::size_t kGap = 256 << 10;

  Result<std::size_t> draw(std::span<char> into);
  void read_ahead();
  Status refill();
  Status settle_end();
  Error refuse(RejectCode code, std::string reason);

  std::shared_ptr<Pool> pool_;
  Dialect dialect_;
  std::size_t read_bytes_;

  /// Guards the five below. Taken after mutex_, or alone.
  std::mutex stream_mutex_;
  std::unique_ptr<ByteStream> stream_;
  std::string head_;  // bytes peeked at; those from head_at_ on are still to be drawn
  std::size_t head_at_ = 0;
  std::optional<Ahead> ahead_;
  bool drained_ = false;  // nothing is left to read

  mutable std::mutex mutex_;        // guards the rest
  std::shared_ptr<Buffer> buffer_;  // of the bytes before at_, blocks are out there
  std::size_t at_ = 0;              // a record begins here
  std::uint64_t offset_ = 0, blocks_ = 0;
  std::int64_t line_ = 1;
  bool end_of_file_ = false;
  bool control_z_ = false;
  std::optional<FileReject> reject_;
};

}  // namespace millrace::lake::csv
