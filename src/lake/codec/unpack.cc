#include "lake/codec/unpack.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/words.h"

namespace millrace::lake {
namespace {

constexpr std::size_t kPieceBytes = 256 << 10;
/// The limits are looked at each time that so much has been unpacked, whatever is asked for at a time: what is said of
/// a file that is too large and damaged as well must not hang on that.
constexpr std::size_t kJudgedBytes = 64 << 10;

class UnpackedStream final : public ByteStream {
 public:
  UnpackedStream(std::unique_ptr<ByteStream> stored, std::unique_ptr<Unpacker> unpacker, const UnpackLimits& limits)
      : stored_(std::move(stored)), unpacker_(std::move(unpacker)), limits_(limits), piece_(kPieceBytes) {}

  Result<std::size_t> read(std::span<char> into) override {
    if (reject_) return error();
    const bool first = unpacked_ == 0;
    std::size_t done = 0;
    while (done < into.size()) {
      if (rest_.empty() && !ended_) MR_CHECK(refill());
      const std::size_t room = std::min<std::size_t>(into.size() - done, kJudgedBytes - unpacked_ % kJudgedBytes);
      const Unpacker::Step step = unpacker_->step(rest_, into.subspan(done, room));
      rest_.remove_prefix(step.consumed);
      consumed_ += step.consumed;
      done += step.produced;
      unpacked_ += step.produced;
      if (step.damage)
        return refuse(step.code, fmt::format("{} near stored byte {}: {}", unpacker_->name(), consumed_, *step.damage));
      if (step.produced > 0 && unpacked_ % kJudgedBytes == 0) MR_CHECK(judge_size());
      if (step.consumed > 0 || step.produced > 0 || (rest_.empty() && !ended_)) continue;
      if (!rest_.empty() || !unpacker_->complete())
        return refuse(RejectCode::broken_stream,
                      fmt::format("the {} stream ends in the middle, after {} stored bytes: it is cut off",
                                  unpacker_->name(), consumed_));
      MR_CHECK(judge_size());
      break;
    }
    if (first) MR_CHECK(judge_head({into.data(), done}));
    return done;
  }

  [[nodiscard]] const std::optional<FileReject>& reject() const override {
    return reject_ ? reject_ : stored_->reject();
  }

  StreamFacts facts() override {
    StreamFacts facts = stored_->facts();
    facts.codec = unpacker_->name();
    return facts;
  }

 private:
  Status refill() {
    MR_TRY(const std::size_t n, stored_->read(piece_));
    ended_ = n < piece_.size();
    rest_ = {piece_.data(), n};
    return ok();
  }

  Status judge_size() {
    if (unpacked_ > limits_.max_unpacked)
      return refuse(RejectCode::too_large_unpacked,
                    fmt::format("it unpacks to more than {}", bytes_in_words(limits_.max_unpacked)));
    if (unpacked_ > kRatioFrom && unpacked_ / limits_.max_ratio > consumed_)
      return refuse(RejectCode::too_large_unpacked,
                    fmt::format("{} stored bytes unpack to {} and more, expected up to {} times as many", consumed_,
                                unpacked_, limits_.max_ratio));
    return ok();
  }

  Status judge_head(std::string_view head) {
    const Packing inner = packing_of(head);
    if (inner == Packing::none) return ok();
    return refuse(RejectCode::unsupported_compression,
                  fmt::format("found {} inside {}, expected one packing", inner == Packing::gzip ? "gzip" : "zstd",
                              unpacker_->name()));
  }

  Error refuse(RejectCode code, std::string reason) {
    reject_ = FileReject{code, std::move(reason)};
    return error();
  }
  [[nodiscard]] Error error() const {
    return {ErrorKind::contract_violation, reject_->reason, std::string(meaning_of(reject_->code).hint), {}};
  }

  std::unique_ptr<ByteStream> stored_;
  std::unique_ptr<Unpacker> unpacker_;
  UnpackLimits limits_;
  std::vector<char> piece_;
  std::string_view rest_;  // of piece_, not unpacked yet
  bool ended_ = false;     // of stored_
  std::uint64_t consumed_ = 0, unpacked_ = 0;
  std::optional<FileReject> reject_;
};

}  // namespace

Packing packing_of(std::string_view head) {
  using namespace std::string_view_literals;
  if (head.starts_with("\x1f\x8b"sv)) return Packing::gzip;
  if (head.starts_with("\x28\xb5\x2f\xfd"sv)) return Packing::zstd;
  // A skippable frame, which parallel zstd writes first.
  if (head.size() >= 4 && (head[0] & 0xf0) == 0x50 && head.substr(1, 3) == "\x2a\x4d\x18"sv) return Packing::zstd;
  return Packing::none;
}

std::unique_ptr<ByteStream> unpacked_stream(std::unique_ptr<ByteStream> stored, std::unique_ptr<Unpacker> unpacker,
                                            const UnpackLimits& limits) {
  return std::make_unique<UnpackedStream>(std::move(stored), std::move(unpacker), limits);
}

}  // namespace millrace::lake
