#include "lake/s3/range_sink.h"

#include <fmt/format.h>

#include "base/sha256.h"
#include "lake/s3/encoded.h"

namespace millrace::lake::s3 {

RangeSink::RangeSink(std::string where, const GetRange& range) : where_(std::move(where)), range_(range) {
  if (range_.whole) range_.length = range_.object_size;
  bytes_.reserve(range_.length);
}

void RangeSink::prepare(net::Headers& headers) {
  ranged_ = !range_.whole || !bytes_.empty();
  if (bytes_.size() >= range_.length && range_.length > 0) {  // it was all there, and something else was wrong
    bytes_.clear();
    ranged_ = !range_.whole;
  }
  if (!ranged_) return net::remove_header(headers, "Range");
  net::set_header(headers, "Range",
                  fmt::format("bytes={}-{}", range_.offset + bytes_.size(), range_.offset + range_.length - 1));
}

Result<bool> RangeSink::begin(const net::HttpResponse& head) {
  if (!head.ok()) return false;
  MR_CHECK(fits(head));
  if (head.status == 200) bytes_.clear();  // the whole object, from its start
  return true;
}

Status RangeSink::fits(const net::HttpResponse& head) const {
  const std::string* etag = head.find("etag");
  if (etag != nullptr && !range_.etag.empty() && with_quotes(*etag) != range_.etag)
    return Error{ErrorKind::conflict,
                 fmt::format("{}: the object was replaced while it was read", where_),
                 "it is looked at again at the next sweep",
                 {}};
  if (!ranged_ || (head.status == 200 && range_.whole)) {
    const std::string* length = head.find("content-length");
    if (head.status == 200 && (length == nullptr || *length == std::to_string(range_.length))) return ok();
    return Error{ErrorKind::unavailable,
                 fmt::format("{}: the answer has status {} and {} bytes, expected 200 and {}", where_, head.status,
                             length == nullptr ? "?" : *length, range_.length),
                 {},
                 {}};
  }
  const std::string* got = head.find("content-range");
  const std::string wanted = fmt::format("bytes {}-{}/{}", range_.offset + bytes_.size(),
                                         range_.offset + range_.length - 1, range_.object_size);
  if (head.status == 206 && got != nullptr && *got == wanted) return ok();
  return Error{ErrorKind::unavailable,
               fmt::format("{}: the answer has status {} and Content-Range '{}', expected 206 and '{}'", where_,
                           head.status, got == nullptr ? "" : cleaned(*got, {}, 80), wanted),
               {},
               {}};
}

Status RangeSink::write(std::span<const char> bytes) {
  if (bytes_.size() + bytes.size() > range_.length)
    return Error{ErrorKind::unavailable,
                 fmt::format("{}: more than the {} bytes asked for came", where_, range_.length),
                 {},
                 {}};
  bytes_.append(bytes.data(), bytes.size());
  return ok();
}

Status RangeSink::finish(bool etag_is_md5) {
  if (bytes_.size() != range_.length)
    return Error{
        ErrorKind::unavailable, fmt::format("{}: {} bytes came of {}", where_, bytes_.size(), range_.length), {}, {}};
  if (range_.whole && etag_is_md5 && "\"" + md5_hex(bytes_) + "\"" != range_.etag) {
    bytes_.clear();
    return Error{ErrorKind::unavailable,
                 fmt::format("{}: the bytes that came do not have the MD5 of the object", where_),
                 {},
                 {}};
  }
  return ok();
}

}  // namespace millrace::lake::s3
