#pragma once
/// \file lake/byte_stream.h
/// The bytes of one object as text: unpacked and brought to UTF-8 on the way, while the stored bytes
/// are hashed. All offsets of records are positions in this stream.

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/result.h"
#include "contract/reject.h"

namespace millrace::lake {

/// What a stream knows when it has been read to its end.
struct StreamFacts {
  std::uint64_t stored_bytes = 0;  ///< as the object holds them
  std::string sha256;              ///< of the stored bytes
  std::string codec;               ///< how they became text: "", "gzip", "zstd", "gzip+cp1252"
};

/// Threads: one thread at a time.
class ByteStream {
 public:
  virtual ~ByteStream() = default;
  /// Fills `into` from the current position as far as it can; less than asked only at the end.
  /// Errors: those of the object; contract_violation where the stored bytes cannot be unpacked or are
  /// not of the declared encoding: reject() says then why the file is to be refused.
  virtual Result<std::size_t> read(std::span<char> into) = 0;
  [[nodiscard]] virtual const std::optional<FileReject>& reject() const = 0;
  /// Requires: read() has met the end.
  virtual StreamFacts facts() = 0;
};

}  // namespace millrace::lake
