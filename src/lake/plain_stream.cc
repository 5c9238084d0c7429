#include "lake/plain_stream.h"

#include "base/failpoint.h"
#include "base/sha256.h"

namespace millrace::lake {
namespace {

class PlainStream final : public ByteStream {
 public:
  explicit PlainStream(std::unique_ptr<ObjectReader> object) : object_(std::move(object)) {}

  Result<std::size_t> read(std::span<char> into) override {
    MR_FAILPOINT("lake.read.before");
    MR_TRY(const std::size_t n, object_->read(into));
    hash_.update({into.data(), n});
    bytes_ += n;
    return n;
  }
  [[nodiscard]] const std::optional<FileReject>& reject() const override { return reject_; }
  StreamFacts facts() override { return {bytes_, hash_.hex_digest(), ""}; }

 private:
  std::unique_ptr<ObjectReader> object_;
  Sha256 hash_;
  std::uint64_t bytes_ = 0;
  std::optional<FileReject> reject_;  // stays empty: any bytes are text so far
};

}  // namespace

std::unique_ptr<ByteStream> plain_stream(std::unique_ptr<ObjectReader> object) {
  return std::make_unique<PlainStream>(std::move(object));
}

}  // namespace millrace::lake
