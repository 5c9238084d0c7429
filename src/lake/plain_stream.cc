#include "lake/plain_stream.h"

#include <algorithm>
#include <utility>

#include "base/failpoint.h"
#include "base/sha256.h"

namespace millrace::lake {
namespace {

class PlainStream final : public ByteStream {
 public:
  PlainStream(std::unique_ptr<ObjectReader> object, std::string head)
      : object_(std::move(object)), head_(std::move(head)) {}

  Result<std::size_t> read(std::span<char> into) override {
    MR_FAILPOINT("lake.read.before");
    const std::size_t known = std::min(head_.size(), into.size());
    head_.copy(into.data(), known);
    head_.erase(0, known);
    MR_TRY(const std::size_t more, object_->read(into.subspan(known)));
    const std::size_t n = known + more;
    hash_.update({into.data(), n});
    bytes_ += n;
    return n;
  }
  [[nodiscard]] const std::optional<FileReject>& reject() const override { return reject_; }
  StreamFacts facts() override { return {bytes_, hash_.hex_digest(), ""}; }

 private:
  std::unique_ptr<ObjectReader> object_;
  std::string head_;  // read from the object and not handed out yet
  Sha256 hash_;
  std::uint64_t bytes_ = 0;
  std::optional<FileReject> reject_;  // stays empty: any bytes are text so far
};

}  // namespace

std::unique_ptr<ByteStream> plain_stream(std::unique_ptr<ObjectReader> object, std::string head) {
  return std::make_unique<PlainStream>(std::move(object), std::move(head));
}

}  // namespace millrace::lake
