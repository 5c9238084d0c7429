#include <fmt/format.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "lake/codec/unpack.h"

namespace millrace::lake {
namespace {

/// As zstd itself allows without --long: a frame says how much memory it wants, and must not have it all.
constexpr int kMostWindowLog = 27;

struct FreeContext {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

/// All frames of a zstd file. Their checksums are verified where they carry one, as those of the zstd
/// program do.
class ZstdUnpacker final : public Unpacker {
 public:
  ZstdUnpacker() : context_(ZSTD_createDCtx()) {
    if (context_) ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax, kMostWindowLog);
  }

  Step step(std::string_view stored, std::span<char> into) override {
    if (!context_) return {0, 0, "no memory to unpack it"};
    if (complete_ && stored.empty()) return {};
    ZSTD_inBuffer in{stored.data(), stored.size(), 0};
    ZSTD_outBuffer out{into.data(), into.size(), 0};
    const std::size_t left = ZSTD_decompressStream(context_.get(), &out, &in);
    Step step{in.pos, out.pos};
    if (ZSTD_isError(left) == 0) {
      complete_ = left == 0;
      return step;
    }
    const ZSTD_ErrorCode code = ZSTD_getErrorCode(left);
    if (code == ZSTD_error_frameParameter_windowTooLarge) {
      step.code = RejectCode::too_large_unpacked;
      step.damage = fmt::format("it wants a window of more than {} MiB; pack it without --long",
                                (std::size_t{1} << kMostWindowLog) >> 20);
    } else {
      step.damage =
          code == ZSTD_error_prefix_unknown ? "bytes follow that belong to no zstd frame" : ZSTD_getErrorName(left);
    }
    return step;
  }
  [[nodiscard]] bool complete() const override { return complete_; }
  [[nodiscard]] std::string_view name() const override { return "zstd"; }

 private:
  std::unique_ptr<ZSTD_DCtx, FreeContext> context_;
  bool complete_ = false;
};

}  // namespace

std::unique_ptr<Unpacker> zstd_unpacker() { return std::make_unique<ZstdUnpacker>(); }

}  // namespace millrace::lake
