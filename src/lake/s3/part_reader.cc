#include "lake/s3/part_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace millrace::lake::s3 {

PartReader::PartReader(std::shared_ptr<Core> core, std::string key, std::uint64_t size_bytes, std::string etag)
    : core_(std::move(core)), key_(std::move(key)), etag_(std::move(etag)), size_(size_bytes) {}

PartReader::~PartReader() {
  stop_.request_stop();
  for (auto& part : ahead_) part.wait();  // they use what is ours
}

Result<std::unique_ptr<ObjectReader>> PartReader::open(std::shared_ptr<Core> core, std::string key,
                                                       std::uint64_t size_bytes, std::string etag) {
  std::unique_ptr<PartReader> reader(new PartReader(std::move(core), std::move(key), size_bytes, std::move(etag)));
  if (size_bytes <= reader->core_->limits.part_bytes) {
    const GetRange all{.etag = reader->etag_, .object_size = size_bytes, .whole = true};
    MR_TRY(GotRange got, reader->core_->client.get(reader->key_, all));
    reader->part_ = std::move(got.bytes);
    reader->asked_ = size_bytes;
  } else {
    MR_CHECK(reader->next_part());
  }
  return std::unique_ptr<ObjectReader>(std::move(reader));
}

/// Keeps as many parts under way as there are connections, less the one in whose bytes the reader stands.
void PartReader::ask_ahead() {
  while (asked_ < size_ && ahead_.size() < core_->limits.connections) {
    const GetRange range{.etag = etag_,
                         .offset = asked_,
                         .length = std::min(core_->limits.part_bytes, size_ - asked_),
                         .object_size = size_};
    asked_ += range.length;
    ahead_.push_back(core_->readers.run([this, range] { return core_->client.get(key_, range, stop_.get_token()); }));
  }
}

Status PartReader::next_part() {
  const bool first = asked_ == 0;
  part_ = {};
  at_ = 0;
  ask_ahead();
  Result<GotRange> got = ahead_.front().get();
  ahead_.pop_front();
  if (!got) return std::move(got).error();
  if (first && got->md5_etag && size_ <= core_->limits.md5_up_to_bytes) digest_.emplace();
  part_ = std::move(got->bytes);
  if (digest_) digest_->update(part_);
  return ok();
}

Status PartReader::check_digest() {
  if (!digest_) return ok();
  const std::string got = "\"" + to_hex(digest_->digest()) + "\"";
  digest_.reset();
  if (got == etag_) return ok();
  return Error{
      ErrorKind::unavailable,
      fmt::format("{}: the bytes that came have the MD5 {}, the object has {}", core_->client.shown(key_), got, etag_),
      "it is read again",
      {}};
}

Result<std::size_t> PartReader::read(std::span<char> into) {
  std::size_t done = 0;
  while (done < into.size() && read_ < size_) {
    if (at_ == part_.size()) MR_CHECK(next_part());
    const std::size_t n = std::min(into.size() - done, part_.size() - at_);
    std::memcpy(into.data() + done, part_.data() + at_, n);
    at_ += n;
    read_ += n;
    done += n;
  }
  // The last bytes are only handed out once all of them are known to be right.
  if (read_ == size_) MR_CHECK(check_digest());
  return done;
}

Result<std::string> PartReader::read_range(std::uint64_t offset, std::uint64_t length) {
  if (offset > size_ || length > size_ - offset)
    return Error{ErrorKind::conflict,
                 fmt::format("{}: bytes {} to {} were asked for, the object has {}", core_->client.shown(key_), offset,
                             offset + length, size_),
                 {},
                 {}};
  if (length == 0) return std::string();
  const GetRange range{.etag = etag_, .offset = offset, .length = length, .object_size = size_};
  MR_TRY(GotRange got, core_->client.get(key_, range));
  return std::move(got.bytes);
}

}  // namespace millrace::lake::s3
