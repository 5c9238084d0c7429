#pragma once
/// \file lake/csv/block_reader.h
/// One file cut into blocks of whole records, handed to several parsers, hashed on the way: the
/// digest is of the very bytes that were parsed.

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/sha256.h"
#include "lake/csv/record.h"
#include "lake/object_store.h"

namespace millrace::lake::csv {

/// Owns its bytes. Reused from block to block by its parser.
struct Block {
  std::unique_ptr<char[]> memory;
  std::size_t capacity = 0;
  std::size_t size = 0;
  std::uint64_t offset = 0;  ///< of the first byte, in the file
  std::int64_t first_line = 1;
  [[nodiscard]] std::string_view bytes() const { return {memory.get(), size}; }
};

/// Threads: safe to share; take() is serial inside.
class BlockReader {
 public:
  static constexpr std::size_t kBlockBytes = 2 << 20;

  /// `block_bytes`: how much is read at a time; tests make it small.
  BlockReader(std::unique_ptr<ObjectReader> object, const Dialect& dialect, std::size_t block_bytes = kBlockBytes);

  /// The next whole records; false at the end of the file.
  /// Errors: contract_violation for a record without end; those of the object.
  Result<bool> take(Block& block);

  /// The head of the file, at most one block's worth, without taking it: for the header and for
  /// guessing what the file is.
  Result<std::string_view> peek();
  /// Takes `bytes` from the front: the header is no record.
  void skip(std::size_t bytes, std::int64_t lines);

  /// Requires: take() has said false.
  [[nodiscard]] std::string sha256();
  [[nodiscard]] std::uint64_t bytes_read() const { return offset_; }

 private:
  Status read_more(Block& block);
  void reserve(Block& block, std::size_t bytes) const;

  std::mutex mutex_;
  std::unique_ptr<ObjectReader> object_;
  Dialect dialect_;
  std::size_t block_bytes_;
  Sha256 hash_;
  std::string carry_;  // bytes read and not handed out yet, beginning at a record
  std::uint64_t offset_ = 0;
  std::int64_t line_ = 1;
  bool end_of_file_ = false;
};

}  // namespace millrace::lake::csv
