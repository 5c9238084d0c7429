#include "lake/codec/seekable.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

#include "base/failpoint.h"
#include "base/files.h"
#include "base/sha256.h"
#include "lake/codec/seekable_table.h"

namespace millrace::lake {
namespace {

namespace fs = std::filesystem;

constexpr int kLevel = 3;                        // of zstd: as fast as the disk, a sixth of the size for CSV
constexpr std::uint64_t kReadAhead = 8 << 20;    // packed bytes asked for at once while reading on
constexpr std::uint64_t kLargestMark = 8 << 10;  // keys have at most 1,024 bytes

struct FreeContexts {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

Status write_all(const Fd& fd, std::string_view bytes, const fs::path& path) {
  MR_FAILPOINT("lake.pack.write");
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd.get(), bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return error_of_errno(errno, path, "writing");
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return ok();
}

Error damaged(std::string_view what) {
  return {ErrorKind::contract_violation,
          fmt::format("the packed file is damaged: {}", what),
          "restore the file from a backup",
          {}};
}

class Unpacked final : public UnpackedObject {
 public:
  Unpacked(std::unique_ptr<ObjectReader> object, std::vector<FrameSize> frames, PackedFile about)
      : object_(std::move(object)), frames_(std::move(frames)), about_(std::move(about)), context_(ZSTD_createDCtx()) {
    std::uint64_t packed = 0, text = 0;
    for (const FrameSize& f : frames_) {
      packed_at_.push_back(packed);
      text_at_.push_back(text);
      packed += f.packed;
      text += f.text;
    }
    packed_at_.push_back(packed);
    text_at_.push_back(text);
  }

  [[nodiscard]] const PackedFile& about() const override { return about_; }

  Result<std::size_t> read(std::span<char> into) override {
    const auto left = static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), about_.text_bytes - position_));
    MR_CHECK(copy(position_, into.first(left), kReadAhead));
    position_ += left;
    return left;
  }

  Result<std::string> read_range(std::uint64_t offset, std::uint64_t length) override {
    if (offset > about_.text_bytes || length > about_.text_bytes - offset)
      return Error{ErrorKind::conflict,
                   fmt::format("found {} bytes of text, expected {} or more", about_.text_bytes, offset + length),
                   "the file is not the one that was loaded",
                   {}};
    std::string out(static_cast<std::size_t>(length), '\0');
    MR_CHECK(copy(offset, out, 0));
    return out;
  }

 private:
  Status copy(std::uint64_t from, std::span<char> into, std::uint64_t ahead) {
    for (std::size_t done = 0; done < into.size();) {
      const std::uint64_t at = from + done;
      const auto next = std::upper_bound(text_at_.begin(), text_at_.end(), at);
      const auto frame = static_cast<std::size_t>(next - text_at_.begin()) - 1;
      MR_CHECK(unpack(frame, ahead));
      const auto skip = static_cast<std::size_t>(at - text_at_[frame]);
      const std::size_t n = std::min(into.size() - done, text_.size() - skip);
      text_.copy(into.data() + done, n, skip);
      done += n;
    }
    return ok();
  }

  /// Makes `text_` the text of this frame.
  Status unpack(std::size_t frame, std::uint64_t ahead) {
    if (unpacked_ == frame) return ok();
    unpacked_ = frames_.size();
    MR_CHECK(fetch(frame, ahead));
    const std::string_view packed = std::string_view(fetched_).substr(
        static_cast<std::size_t>(packed_at_[frame] - fetched_from_), frames_[frame].packed);
    if (!context_) return Error{ErrorKind::unavailable, "no memory to unpack the file", {}, {}};
    text_.resize(frames_[frame].text);
    const std::size_t n = ZSTD_decompressDCtx(context_.get(), text_.data(), text_.size(), packed.data(), packed.size());
    if (ZSTD_isError(n) != 0) return damaged(fmt::format("frame {}: {}", frame, ZSTD_getErrorName(n)));
    if (n != text_.size())
      return damaged(fmt::format("frame {} holds {} bytes, its table says {}", frame, n, text_.size()));
    unpacked_ = frame;
    return ok();
  }

  /// Makes `fetched_` hold this frame, and as many more as fit into `ahead`.
  Status fetch(std::size_t frame, std::uint64_t ahead) {
    const std::uint64_t begin = packed_at_[frame];
    std::uint64_t end = packed_at_[frame + 1];
    if (begin >= fetched_from_ && end <= fetched_from_ + fetched_.size()) return ok();
    for (std::size_t i = frame + 1; i < frames_.size() && packed_at_[i + 1] - begin <= ahead; ++i)
      end = packed_at_[i + 1];
    MR_TRY(fetched_, object_->read_range(begin, end - begin));
    fetched_from_ = begin;
    return ok();
  }

  std::unique_ptr<ObjectReader> object_;
  std::vector<FrameSize> frames_;  // of text only
  PackedFile about_;
  std::unique_ptr<ZSTD_DCtx, FreeContexts> context_;
  std::vector<std::uint64_t> packed_at_, text_at_;  // where each frame begins, and where the last one ends
  std::uint64_t position_ = 0;
  std::string fetched_, text_;
  std::uint64_t fetched_from_ = 0;
  std::size_t unpacked_ = static_cast<std::size_t>(-1);  // the frame that `text_` holds
};

}  // namespace

Result<PackedFile> pack_file(ObjectReader& object, const fs::path& to, Provenance provenance) {
  const Fd fd(::open(to.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd.valid()) return error_of_errno(errno, to, "creating");
  const std::unique_ptr<ZSTD_CCtx, FreeContexts> context(ZSTD_createCCtx());
  if (!context) return Error{ErrorKind::unavailable, "no memory to pack the file", {}, {}};
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, kLevel);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_checksumFlag, 1);
  PackedFile out{std::move(provenance)};
  std::vector<FrameSize> frames;
  std::vector<char> text(kFrameText), packed(ZSTD_compressBound(kFrameText));
  Sha256 hash;
  for (bool more = true; more;) {
    MR_TRY(const std::size_t n, object.read(text));
    more = n == text.size();
    if (n == 0 && !frames.empty()) break;
    const std::size_t size = ZSTD_compress2(context.get(), packed.data(), packed.size(), text.data(), n);
    if (ZSTD_isError(size) != 0)
      return Error{ErrorKind::internal, std::string("packing: ") + ZSTD_getErrorName(size), {}, {}};
    MR_CHECK(write_all(fd, {packed.data(), size}, to));
    hash.update({text.data(), n});
    frames.push_back({static_cast<std::uint32_t>(size), static_cast<std::uint32_t>(n)});
    out.text_bytes += n;
    out.packed_bytes += size;
  }
  out.provenance.sha256 = hash.hex_digest();
  const std::string end = seekable_end(std::move(frames), out);
  MR_CHECK(write_all(fd, end, to));
  out.packed_bytes += end.size();
  if (::fsync(fd.get()) != 0) return error_of_errno(errno, to, "syncing");
  return out;
}

Result<std::unique_ptr<UnpackedObject>> open_packed(std::unique_ptr<ObjectReader> object, std::uint64_t size_bytes) {
  std::unique_ptr<UnpackedObject> none;
  if (size_bytes < kSeekableFooter) return none;
  MR_TRY(const std::string footer, object->read_range(size_bytes - kSeekableFooter, kSeekableFooter));
  const auto table_size = table_bytes(footer);
  if (!table_size || *table_size > size_bytes) return none;
  // Most often the mark is asked for on the way.
  const std::uint64_t asked = std::min(size_bytes, *table_size + kLargestMark);
  MR_TRY(const std::string end, object->read_range(size_bytes - asked, asked));
  auto frames = read_table(std::string_view(end).substr(static_cast<std::size_t>(asked - *table_size)));
  if (!frames || frames->empty() || frames->back().text != 0) return none;
  const std::uint64_t mark_size = frames->back().packed;
  frames->pop_back();
  if (mark_size > asked - *table_size) return none;
  auto about = read_mark(std::string_view(end).substr(static_cast<std::size_t>(asked - *table_size - mark_size),
                                                      static_cast<std::size_t>(mark_size)));
  if (!about) return none;
  std::uint64_t packed = mark_size + *table_size, text = 0;
  for (const FrameSize& f : *frames) {
    packed += f.packed;
    text += f.text;
  }
  if (packed != size_bytes || text != about->text_bytes) return damaged("its table does not fit its size");
  about->packed_bytes = size_bytes;
  return std::unique_ptr<UnpackedObject>(
      std::make_unique<Unpacked>(std::move(object), std::move(*frames), *std::move(about)));
}

}  // namespace millrace::lake
