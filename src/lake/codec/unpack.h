#pragma once
/// \file lake/codec/unpack.h
/// Packed files, unpacked while they are read. What they are is told by their first bytes, never by
/// their names. A stream that is cut off, damaged or followed by other bytes refuses the file.
/// Source: RFC 1952 (gzip), RFC 8878 (zstd).

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "lake/byte_stream.h"

namespace millrace::lake {

enum class Packing : std::uint8_t { none, gzip, zstd };

/// How many bytes packing_of() wants to see.
inline constexpr std::size_t kMagicBytes = 4;
Packing packing_of(std::string_view head);

/// Against files that unpack to far more than anybody meant.
struct UnpackLimits {
  std::uint64_t max_unpacked = std::uint64_t{64} << 30;  ///< bytes
  /// Unpacked bytes for each stored one; not judged before kRatioFrom bytes are unpacked.
  std::uint64_t max_ratio = 200;
};
inline constexpr std::uint64_t kRatioFrom = 16 << 20;

/// One packed format, fed with pieces. Threads: one thread at a time.
class Unpacker {
 public:
  struct Step {
    std::size_t consumed = 0, produced = 0;
    std::optional<std::string> damage = {};  ///< why it cannot go on
    RejectCode code = RejectCode::broken_stream;
  };
  virtual ~Unpacker() = default;
  /// Takes from `stored` and writes to `into` as far as it can.
  virtual Step step(std::string_view stored, std::span<char> into) = 0;
  /// Behind a whole member or frame: here the file may end.
  [[nodiscard]] virtual bool complete() const = 0;
  [[nodiscard]] virtual std::string_view name() const = 0;
};
std::unique_ptr<Unpacker> gzip_unpacker();
std::unique_ptr<Unpacker> zstd_unpacker();

/// `stored` unpacked; its reject() is then broken_stream, too_large_unpacked or, where packed bytes are
/// packed again, unsupported_compression. Memory: bounded, whatever the file.
std::unique_ptr<ByteStream> unpacked_stream(std::unique_ptr<ByteStream> stored, std::unique_ptr<Unpacker> unpacker,
                                            const UnpackLimits& limits);

}  // namespace millrace::lake
