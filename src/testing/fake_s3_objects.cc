#include <fmt/format.h>

#include <charconv>

#include "base/sha256.h"
#include "lake/s3/xml.h"
#include "testing/fake_s3.h"
#include "testing/fake_s3_wire.h"

namespace millrace::testing {
namespace {

using lake::s3::xml_escaped;

std::string quoted(const std::string& text) { return "\"" + text + "\""; }

bool is_cold(const S3Object& o) {
  return (o.storage_class == "GLACIER" || o.storage_class == "DEEP_ARCHIVE") && o.restore != S3Object::Restore::done;
}

/// Does an If-Match or If-None-Match of the call forbid to write over `present`?
std::optional<S3Answer> refused_write(const S3Call& call, const S3Object* present) {
  const std::string match = call.header("if-match"), none = call.header("if-none-match");
  if (none == "*" && present != nullptr) return s3_error(412, "PreconditionFailed");
  if (!match.empty() && present == nullptr) return s3_error(404, "NoSuchKey");
  if (!match.empty() && match != present->etag) return s3_error(412, "PreconditionFailed");
  return std::nullopt;
}

struct Range {
  std::uint64_t from = 0, to = 0;  ///< to: of the last byte
};

bool read_number(std::string_view text, std::uint64_t& out) {
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), out);
  return ec == std::errc{} && end == text.data() + text.size();
}

/// nullopt: cannot be satisfied.
std::optional<Range> range_of(std::string_view header, std::uint64_t size) {
  header.remove_prefix(std::string_view("bytes=").size());
  const auto dash = header.find('-');
  std::uint64_t a = 0, b = 0;
  const bool has_from = read_number(header.substr(0, dash), a), has_to = read_number(header.substr(dash + 1), b);
  if (!has_from)
    return has_to && size > 0 && b > 0 ? std::optional(Range{size - std::min(b, size), size - 1}) : std::nullopt;
  if (a >= size) return std::nullopt;
  return Range{a, has_to ? std::min(b, size - 1) : size - 1};
}

}  // namespace

S3Object FakeS3::fresh(const S3Call& call, std::string bytes) const {
  S3Object o;
  o.etag = quoted(md5_hex(bytes));
  o.bytes = std::move(bytes);
  o.modified = std::chrono::floor<std::chrono::seconds>(clock_->now());
  for (const auto& [name, value] : call.headers)
    if (name.starts_with("x-amz-meta-") || name == "content-type" || name == "content-encoding")
      o.headers[name] = value;
  if (const std::string c = call.header("x-amz-storage-class"); !c.empty()) o.storage_class = c;
  return o;
}

S3Answer FakeS3::to_object(const S3Call& call, Bucket& bucket) {
  if (call.key.size() > 1024) return s3_error(400, "KeyTooLongError");
  if (call.method == "GET" || call.method == "HEAD") return get(call, bucket);
  if (call.method == "PUT") {
    if (call.asks("partNumber")) return put_part(call);
    return call.header("x-amz-copy-source").empty() ? put(call, bucket) : copy(call, bucket);
  }
  if (call.method == "POST" && call.asks("uploads")) return create_upload(call);
  if (call.method == "POST" && call.asks("uploadId")) return complete(call, bucket);
  if (call.method == "POST" && call.asks("restore")) return restore(call, bucket);
  if (call.method == "DELETE" && call.asks("uploadId"))
    return uploads_.erase(call.parameter("uploadId")) > 0 ? S3Answer{204, {}, {}} : s3_error(404, "NoSuchUpload");
  if (call.method == "DELETE") return remove(call, bucket);
  return s3_error(405, "MethodNotAllowed");
}

S3Answer FakeS3::get(const S3Call& call, const Bucket& bucket) const {
  const auto it = bucket.objects.find(call.key);
  if (it == bucket.objects.end()) return s3_error(404, "NoSuchKey", "The specified key does not exist.");
  const S3Object& o = it->second;
  if (const std::string match = call.header("if-match"); !match.empty() && match != o.etag)
    return s3_error(412, "PreconditionFailed");
  S3Answer a{200, o.headers, {}};
  a.headers["etag"] = o.etag;
  a.headers["last-modified"] = http_date_of(o.modified);
  if (o.storage_class != "STANDARD") a.headers["x-amz-storage-class"] = o.storage_class;
  if (o.restore != S3Object::Restore::none)
    a.headers["x-amz-restore"] = o.restore == S3Object::Restore::ongoing
                                     ? "ongoing-request=\"true\""
                                     : "ongoing-request=\"false\", expiry-date=\"later\"";
  if (call.method == "HEAD") {
    a.headers["content-length"] = std::to_string(o.bytes.size());
    return a;
  }
  if (is_cold(o))
    return s3_error(403, "InvalidObjectState", "The operation is not valid for the object's storage class");
  const std::string asked = call.header("range");
  if (asked.empty()) {
    a.body = o.bytes;
    return a;
  }
  const auto range = range_of(asked, o.bytes.size());
  if (!range) return s3_error(416, "InvalidRange");
  a.status = 206;
  a.body = o.bytes.substr(range->from, range->to - range->from + 1);
  a.headers["content-range"] = fmt::format("bytes {}-{}/{}", range->from, range->to, o.bytes.size());
  return a;
}

S3Answer FakeS3::put(const S3Call& call, Bucket& bucket) {
  const auto it = bucket.objects.find(call.key);
  if (auto refused = refused_write(call, it == bucket.objects.end() ? nullptr : &it->second)) return *refused;
  S3Object made = fresh(call, call.body);
  S3Answer a{200, {{"etag", made.etag}}, {}};
  bucket.objects[call.key] = std::move(made);
  return a;
}

const S3Object* FakeS3::copy_source(const S3Call& call, S3Answer& refused) const {
  std::string source = s3_decoded(call.header("x-amz-copy-source"));
  if (source.starts_with('/')) source.erase(0, 1);
  const auto slash = source.find('/');
  const auto bucket = buckets_.find(source.substr(0, slash));
  if (bucket != buckets_.end()) {
    if (const auto it = bucket->second.objects.find(source.substr(slash + 1)); it != bucket->second.objects.end()) {
      const std::string match = call.header("x-amz-copy-source-if-match");
      if (!match.empty() && match != it->second.etag)
        refused = s3_error(412, "PreconditionFailed");
      else if (is_cold(it->second))
        refused = s3_error(403, "InvalidObjectState");
      else
        return &it->second;
      return nullptr;
    }
  }
  refused = s3_error(404, "NoSuchKey");
  return nullptr;
}

S3Answer FakeS3::copy(const S3Call& call, Bucket& bucket) {
  S3Answer refused;
  const S3Object* source = copy_source(call, refused);
  if (source == nullptr) return refused;
  if (source->bytes.size() > behaviour_.largest_copy) return s3_error(400, "InvalidRequest", "the source is too large");
  S3Object made = fresh(call, source->bytes);
  if (call.header("x-amz-metadata-directive") != "REPLACE") made.headers = source->headers;
  const std::string result =
      fmt::format("<LastModified>{}</LastModified><ETag>{}</ETag>", to_iso8601(made.modified), xml_escaped(made.etag));
  bucket.objects[call.key] = std::move(made);
  return {200, {}, xml_document("CopyObjectResult", result)};
}

S3Answer FakeS3::remove(const S3Call& call, Bucket& bucket) {
  const auto it = bucket.objects.find(call.key);
  if (behaviour_.checks_delete)
    if (auto refused = refused_write(call, it == bucket.objects.end() ? nullptr : &it->second)) return *refused;
  if (it != bucket.objects.end()) bucket.objects.erase(it);
  return {204, {}, {}};
}

S3Answer FakeS3::restore(const S3Call& call, Bucket& bucket) {
  if (!behaviour_.restores) return s3_error(501, "NotImplemented");
  const auto it = bucket.objects.find(call.key);
  if (it == bucket.objects.end()) return s3_error(404, "NoSuchKey");
  S3Object& o = it->second;
  if (o.storage_class != "GLACIER" && o.storage_class != "DEEP_ARCHIVE") return s3_error(403, "InvalidObjectState");
  if (o.restore == S3Object::Restore::ongoing) return s3_error(409, "RestoreAlreadyInProgress");
  if (o.restore == S3Object::Restore::done) return {200, {}, {}};
  o.restore = S3Object::Restore::ongoing;
  return {202, {}, {}};
}

S3Answer FakeS3::create_upload(const S3Call& call) {
  const std::string id = fmt::format("upload-{}", ++next_upload_);
  const S3Object shape = fresh(call, {});
  uploads_[id] = {call.bucket, call.key, shape.headers, shape.storage_class, {}, clock_->now()};
  return {200, {}, xml_document("InitiateMultipartUploadResult", "<UploadId>" + id + "</UploadId>")};
}

S3Answer FakeS3::put_part(const S3Call& call) {
  const auto it = uploads_.find(call.parameter("uploadId"));
  if (it == uploads_.end()) return s3_error(404, "NoSuchUpload");
  std::uint64_t number = 0;
  if (!read_number(call.parameter("partNumber"), number) || number < 1 || number > 10000)
    return s3_error(400, "InvalidArgument");
  std::string bytes = call.body;
  const bool copied = !call.header("x-amz-copy-source").empty();
  if (copied) {
    S3Answer refused;
    const S3Object* source = copy_source(call, refused);
    if (source == nullptr) return refused;
    const auto range = range_of(call.header("x-amz-copy-source-range"), source->bytes.size());
    if (!range) return s3_error(416, "InvalidRange");
    bytes = source->bytes.substr(range->from, range->to - range->from + 1);
  }
  const std::string etag = quoted(md5_hex(bytes));
  it->second.parts[static_cast<int>(number)] = std::move(bytes);
  if (copied) return {200, {}, xml_document("CopyPartResult", "<ETag>" + xml_escaped(etag) + "</ETag>")};
  return {200, {{"etag", etag}}, {}};
}

S3Answer FakeS3::complete(const S3Call& call, Bucket& bucket) {
  const std::string id = call.parameter("uploadId");
  if (const auto done = completed_.find(id); done != completed_.end()) return {200, {}, done->second};
  const auto it = uploads_.find(id);
  if (it == uploads_.end()) return s3_error(404, "NoSuchUpload");
  std::string bytes, digests;
  std::size_t named = 0;
  for (const auto& [number, part] : it->second.parts) {
    const std::string digest = md5_hex(part);
    if (call.body.find(fmt::format("<PartNumber>{}</PartNumber>", number)) == std::string::npos) continue;
    if (call.body.find(digest) == std::string::npos) return s3_error(400, "InvalidPart");
    if (++named < it->second.parts.size() && part.size() < behaviour_.least_part)
      return s3_error(400, "EntityTooSmall");
    bytes += part;
    digests += bytes_of_hex(digest);
  }
  if (named == 0) return s3_error(400, "InvalidPart");
  const auto present = bucket.objects.find(call.key);
  if (auto refused = refused_write(call, present == bucket.objects.end() ? nullptr : &present->second)) return *refused;
  S3Object made = fresh({}, std::move(bytes));
  made.headers = it->second.headers;
  made.storage_class = it->second.storage_class;
  made.etag = quoted(fmt::format("{}-{}", md5_hex(digests), named));
  const std::string body = xml_document("CompleteMultipartUploadResult", "<ETag>" + xml_escaped(made.etag) + "</ETag>");
  bucket.objects[call.key] = std::move(made);
  uploads_.erase(it);
  completed_[id] = body;
  return {200, {}, body};
}

}  // namespace millrace::testing
