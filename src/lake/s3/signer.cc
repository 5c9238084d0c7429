#include "lake/s3/signer.h"

#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include "base/sha256.h"
#include "base/words.h"

namespace millrace::lake::s3 {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

/// "20130524T000000Z"
std::string date_time_of(WallTime now) {
  std::string text = to_iso8601(now);  // 2013-05-24T00:00:00.000000Z
  text.resize(19);
  std::erase(text, '-');
  std::erase(text, ':');
  return text + "Z";
}

std::string scope_text_of(const Scope& scope, std::string_view date_time) {
  return fmt::format("{}/{}/{}/aws4_request", date_time.substr(0, 8), scope.region, scope.service);
}

Secret signing_key(const Scope& scope, const Credentials& credentials, std::string_view date_time) {
  const Secret start("AWS4" + credentials.secret_access_key.reveal_to_the_wire());
  const Secret date(hmac_sha256(start.reveal_to_the_wire(), date_time.substr(0, 8)));
  const Secret region(hmac_sha256(date.reveal_to_the_wire(), scope.region));
  const Secret service(hmac_sha256(region.reveal_to_the_wire(), scope.service));
  return Secret(hmac_sha256(service.reveal_to_the_wire(), "aws4_request"));
}

/// What a proxy or the transport may change on the way stays out.
bool is_signed(std::string_view lower_name) {
  static constexpr std::array<std::string_view, 4> kNames{"host", "date", "range", "content-length"};
  return std::find(kNames.begin(), kNames.end(), lower_name) != kNames.end() || lower_name.starts_with("x-amz-") ||
         lower_name == "content-md5" || lower_name == "content-type" || lower_name == "content-encoding";
}

/// Trimmed, with each run of blanks as one.
std::string canonical_value(std::string_view value) {
  std::string out;
  for (const char c : trimmed(value)) {
    const bool blank = c == ' ' || c == '\t';
    if (blank && !out.empty() && out.back() == ' ') continue;
    out.push_back(blank ? ' ' : c);
  }
  return out;
}

/// The headers as the signature sees them: by name, which is not the order of whole lines.
struct CanonicalHeaders {
  std::string lines, names;

  CanonicalHeaders(const std::string& host, const net::Headers& headers) {
    std::map<std::string, std::string> by_name{{"host", host}};
    for (const net::Header& header : headers) {
      std::string name = to_lower_ascii(header.name);
      if (is_signed(name)) by_name.emplace(std::move(name), canonical_value(header.value));
    }
    for (const auto& [name, value] : by_name) {
      lines.append(name).append(":").append(value).append("\n");
      if (!names.empty()) names.push_back(';');
      names.append(name);
    }
  }
};

std::string signature_of(const Secret& key, std::string_view date_time, std::string_view scope_text,
                         std::string_view method, const Target& target, const CanonicalHeaders& headers,
                         std::string_view payload) {
  const std::string request = fmt::format("{}\n{}\n{}\n{}\n{}\n{}", method, encoded_path(target.path),
                                          canonical_query(target.query), headers.lines, headers.names, payload);
  const std::string to_sign = fmt::format("{}\n{}\n{}\n{}", kAlgorithm, date_time, scope_text, sha256_hex(request));
  return to_hex(hmac_sha256(key.reveal_to_the_wire(), to_sign));
}

}  // namespace

std::string sign(const Scope& scope, const Credentials& credentials, WallTime now, std::string_view method,
                 const Target& target, net::Headers& headers, std::string_view payload) {
  const std::string date_time = date_time_of(now);
  const std::string scope_text = scope_text_of(scope, date_time);
  net::remove_header(headers, "Authorization");
  net::remove_header(headers, "x-amz-security-token");
  net::set_header(headers, "x-amz-date", date_time);
  if (scope.service == "s3") net::set_header(headers, "x-amz-content-sha256", std::string(payload));
  if (credentials.session_token) {
    headers.push_back({"x-amz-security-token", credentials.session_token->reveal_to_the_wire()});
  }
  const CanonicalHeaders canonical(target.host, headers);
  std::string signature = signature_of(signing_key(scope, credentials, date_time), date_time, scope_text, method,
                                       target, canonical, payload);
  headers.push_back({"Authorization", fmt::format("{} Credential={}/{},SignedHeaders={},Signature={}", kAlgorithm,
                                                  credentials.access_key_id, scope_text, canonical.names, signature)});
  return signature;
}

Secret presigned_url(const Scope& scope, const Credentials& credentials, WallTime now, std::string_view method,
                     Target target, const net::Headers& headers, std::chrono::seconds valid) {
  const std::string date_time = date_time_of(now);
  const std::string scope_text = scope_text_of(scope, date_time);
  const CanonicalHeaders canonical(target.host, headers);
  target.query.emplace_back("X-Amz-Algorithm", kAlgorithm);
  target.query.emplace_back("X-Amz-Credential", credentials.access_key_id + "/" + scope_text);
  target.query.emplace_back("X-Amz-Date", date_time);
  target.query.emplace_back("X-Amz-Expires", std::to_string(valid.count()));
  target.query.emplace_back("X-Amz-SignedHeaders", canonical.names);
  if (credentials.session_token) {
    target.query.emplace_back("X-Amz-Security-Token", credentials.session_token->reveal_to_the_wire());
  }
  const std::string signature = signature_of(signing_key(scope, credentials, date_time), date_time, scope_text, method,
                                             target, canonical, kUnsignedPayload);
  return Secret(url_of(target) + "&X-Amz-Signature=" + signature);
}

ChunkSigner::ChunkSigner(const Scope& scope, const Credentials& credentials, WallTime now, std::string seed)
    : key_(""),
      date_time_(date_time_of(now)),
      scope_text_(scope_text_of(scope, date_time_)),
      previous_(std::move(seed)) {
  key_ = signing_key(scope, credentials, date_time_);
}

std::string ChunkSigner::frame(std::string_view bytes) {
  const std::string to_sign = fmt::format("{}-PAYLOAD\n{}\n{}\n{}\n{}\n{}", kAlgorithm, date_time_, scope_text_,
                                          previous_, kEmptyPayload, sha256_hex(bytes));
  previous_ = to_hex(hmac_sha256(key_.reveal_to_the_wire(), to_sign));
  std::string out = fmt::format("{:x};chunk-signature={}\r\n", bytes.size(), previous_);
  out.append(bytes).append("\r\n");
  return out;
}

std::uint64_t ChunkSigner::framed_size(std::uint64_t size_bytes, std::uint64_t chunk_bytes) {
  const auto framed = [](std::uint64_t bytes) {
    return fmt::formatted_size("{:x}", bytes) + std::string_view(";chunk-signature=").size() + 64 + 2 + bytes + 2;
  };
  const std::uint64_t rest = size_bytes % chunk_bytes;
  return size_bytes / chunk_bytes * framed(chunk_bytes) + (rest > 0 ? framed(rest) : 0) + framed(0);
}

}  // namespace millrace::lake::s3
