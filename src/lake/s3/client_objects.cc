#include <fmt/format.h>

#include <charconv>

#include "base/failpoint.h"
#include "base/sha256.h"
#include "lake/s3/client.h"
#include "lake/s3/encoded.h"
#include "lake/s3/range_sink.h"
#include "lake/s3/times.h"
#include "lake/s3/xml.h"

namespace millrace::lake::s3 {
namespace {

constexpr std::string_view kMetaPrefix = "x-amz-meta-";
constexpr std::string_view kTokenName = "mr-write";

std::string text_of(const net::HttpResponse& answer, std::string_view name) {
  const std::string* value = answer.find(name);
  return value == nullptr ? std::string() : *value;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

/// Encrypted otherwise than by S3's own key an etag is no digest of the bytes.
bool etag_is_md5(const net::HttpResponse& answer, const std::string& etag) {
  const std::string how = text_of(answer, "x-amz-server-side-encryption");
  return etag.size() == 34 && etag.find('-') == std::string::npos && !how.starts_with("aws:") &&
         answer.find("x-amz-server-side-encryption-customer-algorithm") == nullptr;
}

ObjectHead head_of(const net::HttpResponse& answer) {
  ObjectHead h;
  const std::string length = text_of(answer, "content-length");
  std::from_chars(length.data(), length.data() + length.size(), h.size_bytes);
  h.etag = with_quotes(text_of(answer, "etag"));
  h.version_id = text_of(answer, "x-amz-version-id");
  h.modified = parse_http_date(text_of(answer, "last-modified")).value_or(WallTime{});
  if (const std::string c = text_of(answer, "x-amz-storage-class"); !c.empty()) h.storage_class = c;
  // S3 Intelligent-Tiering keeps its own archive tiers below the class.
  if (const std::string a = text_of(answer, "x-amz-archive-status"); !a.empty()) h.storage_class = a;
  const std::string restore = text_of(answer, "x-amz-restore");
  h.restoring = restore.find("ongoing-request=\"true\"") != std::string::npos;
  h.restored = restore.find("ongoing-request=\"false\"") != std::string::npos;
  h.md5_etag = etag_is_md5(answer, h.etag);
  h.content_type = text_of(answer, "content-type");
  h.content_encoding = text_of(answer, "content-encoding");
  for (const net::Header& header : answer.headers)
    if (const std::string name = lower(header.name); name.starts_with(kMetaPrefix))
      h.metadata[name.substr(kMetaPrefix.size())] = header.value;
  return h;
}

/// A good answer to a write names the etag it made.
std::function<Status(const net::HttpResponse&)> keep_etag(std::string& etag) {
  return [&etag](const net::HttpResponse& answer) -> Status {
    etag = with_quotes(text_of(answer, "etag"));
    if (etag.empty()) return Error{ErrorKind::unavailable, "the answer has no ETag", {}, {}};
    return ok();
  };
}

}  // namespace

void Client::add_encryption(net::Headers& headers) const {
  if (options_.encryption.empty()) return;
  headers.push_back({"x-amz-server-side-encryption", options_.encryption});
  if (!options_.kms_key.empty()) headers.push_back({"x-amz-server-side-encryption-aws-kms-key-id", options_.kms_key});
}

net::Headers Client::headers_of(const PutOptions& options, const std::string& token) const {
  net::Headers headers{{"Content-Type", options.content_type}};
  if (!options.content_encoding.empty()) headers.push_back({"Content-Encoding", options.content_encoding});
  for (const auto& [name, value] : options.metadata) headers.push_back({std::string(kMetaPrefix) + name, value});
  if (!token.empty()) headers.push_back({std::string(kMetaPrefix) + std::string(kTokenName), token});
  add_encryption(headers);
  return headers;
}

Result<std::optional<ObjectHead>> Client::head(const std::string& key) {
  MR_FAILPOINT("lake.s3.head.before");
  const Call call{.what = "looking at the object", .method = "HEAD", .key = key};
  MR_TRY(const Reply reply, exchange(call));
  if (reply.failure.status == 404) return std::optional<ObjectHead>{};
  if (!reply.ok()) return error_of(call, reply);
  return std::optional(head_of(reply.http));
}

Result<GotRange> Client::get(const std::string& key, const GetRange& range, std::stop_token stop) {
  MR_FAILPOINT("lake.s3.get.before");
  RangeSink sink(shown(key), range);
  Call call{.what = "reading", .key = key};
  if (!range.etag.empty()) call.headers.push_back({"If-Match", range.etag});
  call.sink = &sink;
  call.prepare = [&](net::Headers& headers) { sink.prepare(headers); };
  bool md5_etag = false;
  call.accept = [&](const net::HttpResponse& answer) {
    md5_etag = etag_is_md5(answer, range.etag);
    return sink.finish(md5_etag);
  };
  call.stop = std::move(stop);
  MR_CHECK(must(call));
  return GotRange{sink.take(), md5_etag};
}

Result<std::optional<std::string>> Client::proved(const std::string& key, const std::string& token) {
  auto now = head(key);
  if (!now)
    return Error{ErrorKind::commit_unknown,
                 fmt::format("{}: whether it was written could not be found out: {}", shown(key), now.error().message),
                 "look whether the object carries " + std::string(kMetaPrefix) + std::string(kTokenName) + ": " + token,
                 {}};
  if (!*now) return std::optional<std::string>{};
  const auto it = (*now)->metadata.find(std::string(kTokenName));
  if (it == (*now)->metadata.end() || it->second != token) return std::optional<std::string>{};
  return std::optional((*now)->etag);
}

Result<std::string> Client::put(const std::string& key, std::string_view bytes, const PutOptions& options) {
  MR_FAILPOINT("lake.s3.put.before");
  const bool on_condition = options.if_absent || !options.if_match.empty();
  const std::string token = on_condition ? new_token() : std::string();
  std::string etag;
  Call call{.what = "writing", .method = "PUT", .key = key, .headers = headers_of(options, token), .body = bytes};
  call.headers.push_back({"Content-MD5", content_md5(bytes)});
  if (options.if_absent) call.headers.push_back({"If-None-Match", "*"});
  if (!options.if_match.empty()) call.headers.push_back({"If-Match", options.if_match});
  call.changes_once = on_condition;
  call.accept = keep_etag(etag);
  auto reply = exchange(call);
  if (reply && reply->ok()) {
    MR_FAILPOINT("lake.s3.put.after");
    return etag;
  }
  Error refused = reply ? error_of(call, *reply) : std::move(reply).error();
  const bool in_doubt = reply ? reply->in_doubt : refused.kind == ErrorKind::commit_unknown;
  if (!on_condition || !in_doubt) return refused;
  MR_TRY(auto ours, proved(key, token));
  if (ours) return *std::move(ours);
  if (refused.kind == ErrorKind::commit_unknown) refused.kind = ErrorKind::unavailable;  // it did not happen
  return refused;
}

Result<std::string> Client::copy(const std::string& from, const std::string& to, const CopyOptions& options) {
  MR_FAILPOINT("lake.s3.copy.before");
  std::string etag;
  Call call{
      .what = "copying " + shown(from) + " to it", .method = "PUT", .key = to, .headers = headers_of(options.put, {})};
  call.headers.push_back({"x-amz-copy-source", copy_source(bucket_, from)});
  call.headers.push_back({"x-amz-metadata-directive", "REPLACE"});
  if (!options.source_etag.empty()) call.headers.push_back({"x-amz-copy-source-if-match", options.source_etag});
  call.error_in_200 = true;
  call.slow = true;
  call.accept = [&](const net::HttpResponse& answer) -> Status {
    MR_TRY(const XmlDocument document, XmlDocument::parse(answer.body, "CopyObjectResult"));
    etag = with_quotes(document.root().text("ETag"));
    return ok();
  };
  MR_CHECK(must(call));
  MR_FAILPOINT("lake.s3.copy.after");
  return etag;
}

Status Client::remove(const std::string& key, const std::string& etag) {
  MR_FAILPOINT("lake.s3.delete.before");
  const Call call{.what = "removing", .method = "DELETE", .key = key, .headers = {{"If-Match", etag}}};
  // Many servers ignore If-Match here; the look before makes the gap small on those, and the header closes it
  // elsewhere.
  MR_TRY(const auto now, head(key));
  if (!now) return ok();
  if (now->etag != etag)
    return Error{ErrorKind::conflict,
                 shown(key) + ": the object is another one than was to be removed",
                 "it is looked at again at the next sweep",
                 {}};
  MR_TRY(const Reply reply, exchange(call));
  if (!reply.ok() && reply.failure.status != 404) return error_of(call, reply);
  MR_FAILPOINT("lake.s3.delete.after");
  return ok();
}

Status Client::remove(const std::string& key) {
  MR_FAILPOINT("lake.s3.delete.before");
  const Call call{.what = "removing", .method = "DELETE", .key = key};
  MR_TRY(const Reply reply, exchange(call));
  if (!reply.ok() && reply.failure.status != 404) return error_of(call, reply);
  return ok();
}

Result<bool> Client::restore(const std::string& key, int days, const std::string& tier) {
  MR_FAILPOINT("lake.s3.restore.before");
  const std::string body = fmt::format(
      "<RestoreRequest xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Days>{}</Days>"
      "<GlacierJobParameters><Tier>{}</Tier></GlacierJobParameters></RestoreRequest>",
      days, xml_escaped(tier));
  const Call call{.what = "asking for a readable copy",
                  .method = "POST",
                  .key = key,
                  .query = {{"restore", ""}},
                  .headers = {{"Content-Type", "application/xml"}, {"Content-MD5", content_md5(body)}},
                  .body = body};
  MR_TRY(const Reply reply, exchange(call));
  if (reply.failure.code == "RestoreAlreadyInProgress") return true;
  if (!reply.ok()) return error_of(call, reply);
  return reply.http.status == 202;
}

}  // namespace millrace::lake::s3
