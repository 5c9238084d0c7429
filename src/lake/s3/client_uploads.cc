#include <fmt/format.h>

#include "base/failpoint.h"
#include "lake/s3/client.h"
#include "lake/s3/encoded.h"
#include "lake/s3/times.h"
#include "lake/s3/xml.h"

namespace millrace::lake::s3 {
namespace {

/// A good answer is the document `root`, whose element `name` is kept.
std::function<Status(const net::HttpResponse&)> keep_element(std::string root, std::string name, std::string& into) {
  return [root = std::move(root), name = std::move(name), &into](const net::HttpResponse& answer) -> Status {
    MR_TRY(const XmlDocument document, XmlDocument::parse(answer.body, root));
    into = document.root().text(name);
    if (into.empty()) return Error{ErrorKind::unavailable, "the answer has no " + name, {}, {}};
    return ok();
  };
}

Query part_query(const std::string& id, int number) {
  return {{"partNumber", std::to_string(number)}, {"uploadId", id}};
}

}  // namespace

Result<std::string> Client::create_upload(const std::string& key, const PutOptions& options, const std::string& token) {
  MR_FAILPOINT("lake.s3.multipart.create.before");
  std::string id;
  const Call call{.what = "beginning an upload",
                  .method = "POST",
                  .key = key,
                  .query = {{"uploads", ""}},
                  .headers = headers_of(options, token),
                  .accept = keep_element("InitiateMultipartUploadResult", "UploadId", id)};
  MR_CHECK(must(call));  // a lost answer leaves an empty upload behind, which the lifecycle rule for them ends
  return id;
}

Result<std::string> Client::put_part(const std::string& key, const std::string& id, int number, std::string_view bytes,
                                     std::stop_token stop) {
  MR_FAILPOINT("lake.s3.multipart.part.before");
  std::string etag;
  const Call call{.what = fmt::format("writing part {}", number),
                  .method = "PUT",
                  .key = key,
                  .query = part_query(id, number),
                  .headers = {{"Content-Type", "application/octet-stream"}, {"Content-MD5", content_md5(bytes)}},
                  .body = bytes,
                  .accept = [&etag](const net::HttpResponse& answer) -> Status {
                    const std::string* got = answer.find("etag");
                    if (got == nullptr) return Error{ErrorKind::unavailable, "the answer has no ETag", {}, {}};
                    etag = with_quotes(*got);
                    return ok();
                  },
                  .stop = std::move(stop)};
  MR_CHECK(must(call));
  return etag;
}

Result<std::string> Client::copy_part(const std::string& key, const std::string& id, int number,
                                      const std::string& from, const std::string& source_etag, std::uint64_t offset,
                                      std::uint64_t length, std::stop_token stop) {
  MR_FAILPOINT("lake.s3.multipart.copy_part.before");
  std::string etag;
  Call call{.what = fmt::format("copying part {} of {} to it", number, shown(from)),
            .method = "PUT",
            .key = key,
            .query = part_query(id, number),
            .headers = {{"Content-Type", "application/octet-stream"},
                        {"x-amz-copy-source", copy_source(bucket_, from)},
                        {"x-amz-copy-source-range", fmt::format("bytes={}-{}", offset, offset + length - 1)}},
            .error_in_200 = true,
            .slow = true,
            .accept = keep_element("CopyPartResult", "ETag", etag),
            .stop = std::move(stop)};
  if (!source_etag.empty()) call.headers.push_back({"x-amz-copy-source-if-match", source_etag});
  MR_CHECK(must(call));
  return with_quotes(etag);
}

Result<std::string> Client::complete_upload(const std::string& key, const std::string& id,
                                            const std::vector<std::string>& etags, const std::string& token) {
  MR_FAILPOINT("lake.s3.multipart.complete.before");
  std::string body = "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
  for (std::size_t i = 0; i < etags.size(); ++i)
    body += fmt::format("<Part><PartNumber>{}</PartNumber><ETag>{}</ETag></Part>", i + 1, xml_escaped(etags[i]));
  body += "</CompleteMultipartUpload>";
  std::string etag;
  const Call call{.what = "finishing the upload",
                  .method = "POST",
                  .key = key,
                  .query = {{"uploadId", id}},
                  .headers = {{"Content-Type", "application/xml"}},
                  .body = body,
                  .error_in_200 = true,
                  .changes_once = true,
                  .slow = true,
                  .accept = keep_element("CompleteMultipartUploadResult", "ETag", etag)};
  auto reply = exchange(call);
  if (reply && reply->ok()) {
    MR_FAILPOINT("lake.s3.multipart.complete.after");
    return with_quotes(etag);
  }
  Error refused = reply ? error_of(call, *reply) : std::move(reply).error();
  const bool in_doubt = reply ? reply->in_doubt : refused.kind == ErrorKind::commit_unknown;
  if (!in_doubt) return refused;
  // The first answer may be lost, and the upload gone because it is done: the object itself says whose it is.
  MR_TRY(auto ours, proved(key, token));
  if (ours) return *std::move(ours);
  return refused;
}

Status Client::abort_upload(const std::string& key, const std::string& id) {
  MR_FAILPOINT("lake.s3.multipart.abort.before");
  const Call call{.what = "giving up an upload", .method = "DELETE", .key = key, .query = {{"uploadId", id}}};
  MR_TRY(const Reply reply, exchange(call));
  if (!reply.ok() && reply.failure.status != 404) return error_of(call, reply);
  return ok();
}

Result<std::vector<OpenUpload>> Client::list_uploads(const std::string& prefix) {
  std::vector<OpenUpload> out;
  std::string key_marker, id_marker;
  for (bool more = true; more;) {
    MR_FAILPOINT("lake.s3.multipart.list.before");
    Call call{.what = "listing uploads below " + prefix,
              .query = {{"uploads", ""}, {"encoding-type", "url"}, {"prefix", prefix}}};
    if (!key_marker.empty()) call.query.emplace_back("key-marker", key_marker);
    if (!id_marker.empty()) call.query.emplace_back("upload-id-marker", id_marker);
    std::optional<XmlDocument> page;
    call.accept = [&](const net::HttpResponse& answer) -> Status {
      MR_TRY(page, XmlDocument::parse(answer.body, "ListMultipartUploadsResult"));
      return ok();
    };
    MR_CHECK(must(call));
    const XmlElement root = page->root();
    const bool encoded = root.text("EncodingType") == "url";
    const auto plain = [&](const std::string& text) { return encoded ? url_decoded(text) : text; };
    for (const XmlElement& u : root.children("Upload"))
      out.push_back(
          {plain(u.text("Key")), u.text("UploadId"), parse_listed_time(u.text("Initiated")).value_or(WallTime{})});
    key_marker = plain(root.text("NextKeyMarker"));
    id_marker = root.text("NextUploadIdMarker");
    more = root.text("IsTruncated") == "true" && !key_marker.empty();
  }
  return out;
}

}  // namespace millrace::lake::s3
