#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <limits>

#include "lake/codec/unpack.h"

namespace millrace::lake {
namespace {

constexpr int kGzipOnly = 16 + MAX_WBITS;  // zlib.h, inflateInit2: header and trailer are those of gzip

/// All members of a gzip file, one behind the other. zlib checks length and CRC of each.
class GzipUnpacker final : public Unpacker {
 public:
  GzipUnpacker() { ready_ = inflateInit2(&z_, kGzipOnly) == Z_OK; }
  ~GzipUnpacker() override { inflateEnd(&z_); }
  GzipUnpacker(const GzipUnpacker&) = delete;
  GzipUnpacker& operator=(const GzipUnpacker&) = delete;

  Step step(std::string_view stored, std::span<char> into) override {
    if (!ready_) return {0, 0, "no memory to unpack it"};
    if (complete_) {
      if (stored.empty()) return {};
      // A member begins as the first one does; its second byte may come with the next piece.
      if (stored[0] != '\x1f') return {0, 0, "bytes follow that belong to no gzip stream"};
      if (inflateReset(&z_) != Z_OK) return {0, 0, "no further member can be read"};
      complete_ = false;
    }
    constexpr std::size_t kMost = std::numeric_limits<uInt>::max();
    z_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(stored.data()));  // zlib does not write to it
    z_.avail_in = static_cast<uInt>(std::min(stored.size(), kMost));
    z_.next_out = reinterpret_cast<Bytef*>(into.data());
    z_.avail_out = static_cast<uInt>(std::min(into.size(), kMost));
    const uInt had = z_.avail_in, room = z_.avail_out;
    const int code = inflate(&z_, Z_NO_FLUSH);
    Step step{had - z_.avail_in, room - z_.avail_out};
    if (code == Z_STREAM_END)
      complete_ = true;
    else if (code != Z_OK && code != Z_BUF_ERROR)
      step.damage = z_.msg != nullptr ? z_.msg : code == Z_MEM_ERROR ? "no memory to unpack it" : "it is damaged";
    return step;
  }
  [[nodiscard]] bool complete() const override { return complete_; }
  [[nodiscard]] std::string_view name() const override { return "gzip"; }

 private:
  z_stream z_{};
  bool ready_ = false;
  bool complete_ = false;
};

}  // namespace

std::unique_ptr<Unpacker> gzip_unpacker() { return std::make_unique<GzipUnpacker>(); }

}  // namespace millrace::lake
