#include <fmt/format.h>

#include <charconv>

#include "base/failpoint.h"
#include "lake/s3/client.h"
#include "lake/s3/encoded.h"
#include "lake/s3/times.h"
#include "lake/s3/xml.h"

namespace millrace::lake::s3 {
namespace {

/// Errors: unavailable where an element that must be there is not: the listing would be a wrong one.
Result<ListedObject> listed(const XmlElement& entry, bool encoded) {
  ListedObject o;
  const std::string key = entry.text("Key"), size = entry.text("Size");
  o.key = encoded ? url_decoded(key) : key;
  const auto [end, ec] = std::from_chars(size.data(), size.data() + size.size(), o.size_bytes);
  const auto modified = parse_listed_time(entry.text("LastModified"));
  if (o.key.empty() || ec != std::errc{} || end != size.data() + size.size() || !modified)
    return Error{ErrorKind::unavailable, "the listing has an entry without key, size or time", {}, {}};
  o.modified = *modified;
  o.etag = with_quotes(entry.text("ETag"));
  o.storage_class = entry.text("StorageClass");
  return o;
}

Status read_page(const std::string& body, ListPage& into) {
  into = {};
  MR_TRY(const XmlDocument document, XmlDocument::parse(body, "ListBucketResult"));
  const XmlElement root = document.root();
  const bool encoded = root.text("EncodingType") == "url";
  for (const XmlElement& entry : root.children("Contents")) {
    MR_TRY(ListedObject o, listed(entry, encoded));
    into.objects.push_back(std::move(o));
  }
  if (root.text("IsTruncated") == "true") {
    into.next = root.text("NextContinuationToken");
    if (into.next.empty())
      return Error{ErrorKind::unavailable, "the listing is cut and does not say where it goes on", {}, {}};
  }
  return ok();
}

bool is_root_of(const std::string& document, const std::string& expected) {
  if (expected == "{") {
    const auto first = document.find_first_not_of(" \t\r\n");
    return first != std::string::npos && document[first] == '{';
  }
  return XmlDocument::parse(document, expected).has_value();
}

}  // namespace

Result<ListPage> Client::list_page(const std::string& prefix, const std::string& start_after,
                                   const std::string& token) {
  MR_FAILPOINT("lake.s3.list.before");
  Call call{.what = "listing", .query = {{"list-type", "2"}, {"encoding-type", "url"}}};
  if (!prefix.empty()) call.query.emplace_back("prefix", prefix);
  if (!token.empty())
    call.query.emplace_back("continuation-token", token);
  else if (!start_after.empty())
    call.query.emplace_back("start-after", start_after);
  ListPage page;
  call.accept = [&](const net::HttpResponse& answer) { return read_page(answer.body, page); };
  MR_CHECK(must(call));
  return page;
}

Result<std::optional<std::string>> Client::get_config(const std::string& sub, const std::string& expected_root) {
  MR_FAILPOINT("lake.s3.config.get.before");
  const Call call{.what = "reading the bucket's " + sub, .query = {{sub, ""}}};
  MR_TRY(Reply reply, exchange(call));
  if (reply.failure.status == 404 && reply.failure.code != "NoSuchBucket") return std::optional<std::string>{};
  if (!reply.ok()) return error_of(call, reply);
  if (is_root_of(reply.http.body, expected_root)) return std::optional(std::move(reply.http.body));
  return Error{ErrorKind::unsupported,
               fmt::format("{}: asked for the bucket's {}, the endpoint answered with something else than <{}>",
                           shown({}), sub, expected_root),
               "this endpoint does not know the setting",
               {}};
}

Status Client::put_config(const std::string& sub, std::string_view document) {
  MR_FAILPOINT("lake.s3.config.put.before");
  const bool json = document.starts_with('{');
  const Call call{.what = "setting the bucket's " + sub,
                  .method = "PUT",
                  .query = {{sub, ""}},
                  .headers = {{"Content-Type", json ? "application/json" : "application/xml"},
                              {"Content-MD5", content_md5(document)}},
                  .body = document};
  MR_CHECK(must(call));
  MR_FAILPOINT("lake.s3.config.put.after");
  return ok();
}

Status Client::remove_config(const std::string& sub) {
  if (!endpoint().is_aws())
    return Error{ErrorKind::unsupported,
                 fmt::format("{}: the bucket's {} is not removed on an endpoint that is not AWS, where such a call can "
                             "remove the bucket",
                             shown({}), sub),
                 "remove it with the tools of this endpoint, or set it to something else",
                 {}};
  MR_FAILPOINT("lake.s3.config.remove.before");
  const Call call{.what = "removing the bucket's " + sub, .method = "DELETE", .query = {{sub, ""}}};
  MR_TRY(const Reply reply, exchange(call));
  if (!reply.ok() && reply.failure.status != 404) return error_of(call, reply);
  return ok();
}

}  // namespace millrace::lake::s3
