#include "testing/fake_s3.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/sha256.h"
#include "lake/s3/xml.h"
#include "testing/fake_s3_wire.h"

namespace millrace::testing {
namespace {

using lake::s3::xml_escaped;

constexpr std::array<std::string_view, 12> kConfigurations{
    "lifecycle", "versioning", "policy",      "encryption",   "publicAccessBlock", "ownershipControls",
    "tagging",   "location",   "object-lock", "notification", "policyStatus",      "cors"};

std::string configuration_of(const S3Call& call) {
  for (const auto name : kConfigurations)
    if (call.asks(std::string(name))) return std::string(name);
  return {};
}

std::string listed_key(const S3Call& call, const std::string& key) {
  return call.parameter("encoding-type") == "url" ? s3_encoded(key) : xml_escaped(key);
}

/// Opaque, and with characters that a query must encode.
std::string token_of(const std::string& key) { return "+/=" + to_hex(key); }
std::string last_key_of(const std::string& token) { return bytes_of_hex(token.substr(3)); }

}  // namespace

FakeS3::FakeS3(const Clock& clock, Behaviour behaviour) : clock_(&clock), behaviour_(std::move(behaviour)) {}

void FakeS3::create_bucket(const std::string& bucket) {
  const std::lock_guard lock(mutex_);
  buckets_.try_emplace(bucket);
}

void FakeS3::store(const std::string& bucket, const std::string& key, std::string bytes) {
  const std::lock_guard lock(mutex_);
  buckets_[bucket].objects[key] = fresh({}, std::move(bytes));
}

void FakeS3::drop(const std::string& bucket, const std::string& key) {
  const std::lock_guard lock(mutex_);
  buckets_[bucket].objects.erase(key);
}

void FakeS3::set_class(const std::string& bucket, const std::string& key, const std::string& storage_class) {
  const std::lock_guard lock(mutex_);
  S3Object& object = buckets_[bucket].objects.at(key);
  object.storage_class = storage_class;
  object.restore = S3Object::Restore::none;
}

void FakeS3::finish_restores() {
  const std::lock_guard lock(mutex_);
  for (auto& [name, bucket] : buckets_)
    for (auto& [key, object] : bucket.objects)
      if (object.restore == S3Object::Restore::ongoing) object.restore = S3Object::Restore::done;
}

void FakeS3::accept_keys(std::set<std::string> keys) {
  const std::lock_guard lock(mutex_);
  keys_ = std::move(keys);
}

std::optional<S3Object> FakeS3::object(const std::string& bucket, const std::string& key) const {
  const std::lock_guard lock(mutex_);
  const auto b = buckets_.find(bucket);
  if (b == buckets_.end()) return std::nullopt;
  const auto o = b->second.objects.find(key);
  return o == b->second.objects.end() ? std::nullopt : std::optional(o->second);
}

std::vector<std::string> FakeS3::keys(const std::string& bucket) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> out;
  if (const auto b = buckets_.find(bucket); b != buckets_.end())
    for (const auto& [key, object] : b->second.objects) out.push_back(key);
  return out;
}

std::size_t FakeS3::open_uploads() const {
  const std::lock_guard lock(mutex_);
  return uploads_.size();
}

std::uint64_t FakeS3::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

Result<net::HttpResponse> FakeS3::send(const net::HttpRequest& request, net::BodySink* sink) {
  if (request.stop.stop_requested()) return Error{ErrorKind::cancelled, "the request was stopped", {}, {}};
  net::HttpResponse response;
  {
    const std::lock_guard lock(mutex_);
    ++requests_;
    std::set<std::string> names;
    for (const auto& [name, bucket] : buckets_) names.insert(name);
    S3Answer a = answer(s3_call_of(request, names));
    a.headers.try_emplace("content-length", std::to_string(a.body.size()));
    a.headers["date"] = http_date_of(clock_->now());
    a.headers["x-amz-request-id"] = fmt::format("FAKE{:06}", requests_);
    response.status = a.status;
    if (request.method != "HEAD") response.body = std::move(a.body);
    for (auto& [name, value] : a.headers) response.headers.push_back({name, value});
  }
  return deliver(std::move(response), request, sink);
}

S3Answer FakeS3::answer(const S3Call& call) {
  if (auto refused = refuse_unsigned(call)) return *std::move(refused);
  if (call.bucket.empty()) return s3_error(405, "MethodNotAllowed");
  auto it = buckets_.find(call.bucket);
  if (it == buckets_.end()) {
    if (call.method == "PUT" && call.key.empty() && call.query.empty()) {
      buckets_.try_emplace(call.bucket);
      return {};
    }
    return s3_error(404, "NoSuchBucket", "The specified bucket does not exist");
  }
  return call.key.empty() ? to_bucket(call, it->second) : to_object(call, it->second);
}

/// What a server checks of a signature before it computes one.
std::optional<S3Answer> FakeS3::refuse_unsigned(const S3Call& call) const {
  const std::string authorization = call.header("authorization");
  const auto part = [&](std::string_view name) {
    const auto at = authorization.find(std::string(name) + "=");
    if (at == std::string::npos) return std::string();
    const auto from = at + name.size() + 1;
    return authorization.substr(from, authorization.find_first_of(", ", from) - from);
  };
  const std::string credential = part("Credential"), signed_headers = part("SignedHeaders");
  if (!authorization.starts_with("AWS4-HMAC-SHA256 ") || part("Signature").size() != 64 ||
      signed_headers.find("host") == std::string::npos || signed_headers.find("x-amz-date") == std::string::npos)
    return s3_error(403, "AccessDenied", "Anonymous access is forbidden for this operation");
  for (const auto& [name, value] : call.headers)
    if (name.starts_with("x-amz-") && (";" + signed_headers + ";").find(";" + name + ";") == std::string::npos)
      return s3_error(403, "AccessDenied", "There were headers present in the request which were not signed");
  if (!keys_.contains(credential.substr(0, credential.find('/')))) return s3_error(403, "InvalidAccessKeyId");
  if (credential.find("/" + behaviour_.region + "/s3/aws4_request") == std::string::npos)
    return s3_error(400, "AuthorizationHeaderMalformed", "the region is wrong",
                    "<Region>" + behaviour_.region + "</Region>");
  const auto said = wall_time_of_amz_date(call.header("x-amz-date"));
  if (!said || std::chrono::abs(*said - clock_->now()) > std::chrono::minutes(15))
    return s3_error(403, "RequestTimeTooSkewed");
  const std::string sha = call.header("x-amz-content-sha256");
  if (sha.empty() || (sha != "UNSIGNED-PAYLOAD" && sha != sha256_hex(call.body)))
    return s3_error(400, "XAmzContentSHA256Mismatch");
  const std::string md5 = call.header("content-md5");
  if (!md5.empty() && md5 != to_base64(bytes_of_hex(md5_hex(call.body)))) return s3_error(400, "BadDigest");
  return std::nullopt;
}

S3Answer FakeS3::to_bucket(const S3Call& call, Bucket& bucket) {
  if (!configuration_of(call).empty()) return configuration(call, bucket);
  if (call.method == "GET" && call.parameter("list-type") == "2") return list(call, bucket);
  if (call.method == "GET" && call.asks("uploads")) return list_uploads(call);
  if (call.method == "HEAD") return {200, {{"x-amz-bucket-region", behaviour_.region}}, {}};
  if (call.method == "PUT" && call.query.empty()) return {};  // exists already, and is ours
  if (call.method == "DELETE") {
    // As Ceph 16.2 does: a sub-resource it does not know falls through to the plain call, and the bucket is gone.
    if (!bucket.objects.empty()) return s3_error(409, "BucketNotEmpty");
    buckets_.erase(call.bucket);
    return {204, {}, {}};
  }
  return s3_error(405, "MethodNotAllowed");
}

S3Answer FakeS3::configuration(const S3Call& call, Bucket& bucket) {
  const std::string name = configuration_of(call);
  if (call.method == "PUT") {
    bucket.configurations[name] = call.body;
    return {200, {}, {}};
  }
  if (call.method == "DELETE") {
    bucket.configurations.erase(name);
    return {204, {}, {}};
  }
  const auto it = bucket.configurations.find(name);
  if (it != bucket.configurations.end()) return {200, {}, it->second};
  if (name == "versioning") return {200, {}, "<VersioningConfiguration/>"};
  if (name == "location") return {200, {}, "<LocationConstraint>" + behaviour_.region + "</LocationConstraint>"};
  return s3_error(404, name == "lifecycle" ? "NoSuchLifecycleConfiguration" : "NoSuchConfiguration");
}

S3Answer FakeS3::list(const S3Call& call, const Bucket& bucket) const {
  const std::string prefix = call.parameter("prefix");
  std::string after = call.parameter("start-after");
  if (call.asks("continuation-token")) after = last_key_of(call.parameter("continuation-token"));
  std::size_t most = behaviour_.page_size;
  if (const std::string asked = call.parameter("max-keys"); !asked.empty()) {
    std::size_t n = 0;
    std::from_chars(asked.data(), asked.data() + asked.size(), n);
    most = std::min(most, n);
  }
  std::string body, last;
  std::size_t count = 0;
  bool more = false;
  for (auto it = bucket.objects.lower_bound(std::max(prefix, after)); it != bucket.objects.end(); ++it) {
    if (!it->first.starts_with(prefix)) break;
    if (it->first == after && !after.empty()) continue;
    if (count == most) {
      more = true;
      break;
    }
    const S3Object& o = it->second;
    body += fmt::format(
        "<Contents><Key>{}</Key><LastModified>{}</LastModified><ETag>{}</ETag><Size>{}</Size><StorageClass>{}"
        "</StorageClass></Contents>",
        listed_key(call, it->first), to_iso8601(o.modified), xml_escaped(o.etag), o.bytes.size(), o.storage_class);
    last = it->first;
    ++count;
  }
  std::string head = fmt::format("<Name>{}</Name><KeyCount>{}</KeyCount><IsTruncated>{}</IsTruncated>", call.bucket,
                                 count, more ? "true" : "false");
  if (call.parameter("encoding-type") == "url") head += "<EncodingType>url</EncodingType>";
  if (more) head += "<NextContinuationToken>" + token_of(last) + "</NextContinuationToken>";
  return {200, {}, xml_document("ListBucketResult", head + body)};
}

S3Answer FakeS3::list_uploads(const S3Call& call) const {
  std::string body;
  for (const auto& [id, upload] : uploads_)
    if (upload.bucket == call.bucket && upload.key.starts_with(call.parameter("prefix")))
      body += fmt::format("<Upload><Key>{}</Key><UploadId>{}</UploadId><Initiated>{}</Initiated></Upload>",
                          s3_encoded(upload.key), id, to_iso8601(upload.begun));
  return {200,
          {},
          xml_document("ListMultipartUploadsResult",
                       "<IsTruncated>false</IsTruncated><EncodingType>url</EncodingType>" + body)};
}

}  // namespace millrace::testing
