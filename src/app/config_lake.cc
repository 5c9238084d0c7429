#include "app/config_lake.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/config.h"
#include "app/config_parts.h"
#include "app/config_security.h"
#include "base/words.h"

namespace millrace::app {
namespace {

using yaml::Fields;

constexpr std::string_view kS3 = "s3://";
constexpr std::string_view kOnlyS3[] = {"region",      "endpoint",    "path_style", "ca_file", "profile", "role_arn",
                                        "external_id", "connections", "part_size",  "events",  "security"};

/// A secret in a file that is committed is a secret no more.
Status refuse_secrets(Fields& f) {
  for (const std::string_view key : {"access_key", "access_key_id", "secret_key", "secret_access_key", "session_token",
                                     "aws_access_key_id", "aws_secret_access_key", "aws_session_token", "password"}) {
    if (f.node().find(key) == nullptr) continue;
    return wrong(f, key, "secrets never stand in millrace.yaml",
                 "take it out, give the key a new value, and put that into the environment (AWS_ACCESS_KEY_ID, "
                 "AWS_SECRET_ACCESS_KEY), into ~/.aws/credentials with lake.profile, or use a role");
  }
  return ok();
}

bool is_bucket(std::string_view name, bool dots) {
  const auto good = [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || (dots && c == '.');
  };
  return name.size() >= 3 && name.size() <= 63 && std::all_of(name.begin(), name.end(), good) && name[0] != '-' &&
         name.back() != '-';
}

Status read_bucket(const Fields& f, std::string_view text, S3LakeConfig& s3) {
  const std::string_view rest = text.substr(kS3.size());
  const auto slash = rest.find('/');
  s3.bucket = rest.substr(0, slash);
  std::string prefix(slash == std::string_view::npos ? "" : rest.substr(slash + 1));
  if (!prefix.empty() && !prefix.ends_with('/')) prefix += '/';
  if (!is_bucket(s3.bucket, s3.path_style == true))
    return wrong(f, "url",
                 fmt::format("found the bucket \"{}\", expected 3 to 63 of a-z, 0-9 and -", printable(s3.bucket)),
                 s3.bucket.find('.') == std::string::npos
                     ? "s3://bucket/prefix"
                     : "a name with dots breaks TLS: take another bucket, or say path_style: true");
  const std::string walk = "/" + prefix;
  if (walk.find("//") != std::string::npos || walk.find("/../") != std::string::npos ||
      walk.find("/./") != std::string::npos)
    return wrong(f, "url", fmt::format("found the prefix \"{}\", expected folders such as a/b", printable(prefix)));
  s3.prefix = std::move(prefix);
  return ok();
}

Result<std::optional<bool>> read_path_style(Fields& f) {
  MR_TRY(const std::string text, f.text("path_style", default_of("lake.path_style")));
  if (text == "auto") return std::optional<bool>{};
  if (text == "true") return std::optional<bool>{true};
  if (text == "false") return std::optional<bool>{false};
  return wrong(f, "path_style", fmt::format("found \"{}\", expected auto, true, false", printable(text)));
}

Result<S3LakeConfig> read_s3(Fields& f, const std::string& url, const std::filesystem::path& project) {
  S3LakeConfig s3;
  MR_TRY(s3.path_style, read_path_style(f));
  MR_CHECK(read_bucket(f, url, s3));
  MR_TRY(s3.region, f.text("region", ""));
  MR_TRY(s3.endpoint, f.text("endpoint", ""));
  if (!s3.endpoint.empty() && !s3.endpoint.starts_with("https://") && !s3.endpoint.starts_with("http://"))
    return wrong(f, "endpoint", fmt::format("found \"{}\", expected https://host:port", printable(s3.endpoint)));
  MR_TRY(const std::string ca, f.text("ca_file", ""));
  if (!ca.empty()) s3.ca_file = std::filesystem::absolute(project / ca).lexically_normal();
  MR_TRY(s3.profile, f.text("profile", ""));
  MR_TRY(s3.role_arn, f.text("role_arn", ""));
  MR_TRY(s3.external_id, f.text("external_id", ""));
  if (!s3.role_arn.empty() && !s3.role_arn.starts_with("arn:"))
    return wrong(f, "role_arn",
                 fmt::format("found \"{}\", expected arn:aws:iam::ACCOUNT:role/NAME", printable(s3.role_arn)));
  MR_TRY(const std::int64_t connections,
         f.integer("connections", std::stoll(std::string(default_of("lake.connections")))));
  if (connections < 1 || connections > 64)
    return wrong(f, "connections", fmt::format("found {}, expected 1 to 64", connections));
  s3.connections = static_cast<unsigned>(connections);
  MR_TRY(s3.part_size_bytes, bytes(f, "part_size", default_of("lake.part_size")));
  if (s3.part_size_bytes < (5U << 20) || s3.part_size_bytes > (512U << 20))
    return wrong(f, "part_size", "expected 5MiB to 512MiB: S3 takes no smaller parts, and several stand in memory");
  return s3;
}

Result<LakeEventsConfig> read_events(Fields& lake) {
  MR_TRY(Fields f, section(lake, "events"));
  LakeEventsConfig events;
  MR_TRY(events.http, f.text("http", ""));
  MR_TRY(events.token, f.text("token", ""));
  MR_TRY(events.sqs, f.text("sqs", ""));
  MR_CHECK(f.done());
  if (!events.http.empty() && events.token.empty())
    return wrong(f, "token", "found none, expected a reference such as env:LAKE_EVENTS_TOKEN",
                 "who sends events says it: ?token=… in the address, or Authorization: Bearer …");
  if (!events.token.empty() && !events.token.starts_with("env:") && !events.token.starts_with("file:"))
    return wrong(f, "token", "secrets never stand in millrace.yaml", "write env:NAME or file:/path");
  if (events.http.empty() && !events.token.empty())
    return wrong(f, "token", "it is only asked with http:", "add that, or take token out");
  if (!events.sqs.empty() && !events.sqs.starts_with("https://") && !events.sqs.starts_with("http://"))
    return wrong(f, "sqs", fmt::format("found \"{}\", expected the queue's URL", printable(events.sqs)),
                 "https://sqs.REGION.amazonaws.com/ACCOUNT/NAME");
  return events;
}

}  // namespace

Result<LakeConfig> read_lake(Fields& root, const std::filesystem::path& project) {
  MR_TRY(Fields f, section(root, "lake"));
  MR_CHECK(refuse_secrets(f));
  LakeConfig lake;
  MR_TRY(std::string url, f.text("url", default_of("lake.url")));
  if (url.starts_with(kS3)) {
    MR_TRY(lake.s3, read_s3(f, url, project));
    MR_TRY(lake.events, read_events(f));
    MR_TRY(lake.security, read_security(f));
    MR_CHECK(f.done());
    lake.url = fmt::format("s3://{}/{}", lake.s3->bucket, lake.s3->prefix);
    return lake;
  }
  for (const std::string_view key : kOnlyS3)
    if (f.any(key) != nullptr)
      return wrong(f, key, fmt::format("it is only asked of a lake on S3, and lake.url is \"{}\"", printable(url)),
                   fmt::format("say url: s3://bucket/prefix, or take {} out", key));
  if (url.starts_with("file:")) {
    url.erase(0, 5);
  } else if (const auto scheme = url.find("://"); scheme != std::string::npos) {
    Error e = wrong(f, "url", fmt::format("found \"{}\", expected a folder or s3://bucket/prefix", printable(url)));
    e.kind = ErrorKind::unsupported;
    return e;
  }
  if (url.empty()) return wrong(f, "url", "found nothing, expected a path");
  MR_CHECK(f.done());
  lake.folder = std::filesystem::absolute(project / url).lexically_normal();
  lake.url = lake.folder.string();
  return lake;
}

}  // namespace millrace::app
