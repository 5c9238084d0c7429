#include <fmt/format.h>

#include <chrono>

#include "base/sha256.h"
#include "base/words.h"
#include "lake/s3/credential_links.h"
#include "lake/s3/endpoint.h"
#include "lake/s3/signer.h"
#include "lake/s3/xml.h"

namespace millrace::lake::s3 {
namespace {

constexpr std::string_view kVersion = "2011-06-15";

net::Deadlines sts_deadlines() {
  using std::chrono::milliseconds;
  return {milliseconds{5'000}, milliseconds{20'000}, milliseconds{20'000}, milliseconds{30'000}};
}

/// A message of the other side without what we have sent it in confidence.
std::string censored(std::string text, const Secret& secret) {
  const std::string& hidden = secret.reveal_to_the_wire();
  if (hidden.empty()) return text;
  for (std::size_t at = text.find(hidden); at != text.npos; at = text.find(hidden, at)) {
    text.replace(at, hidden.size(), "[secret]");
  }
  return text;
}

/// "https://sts.example.org:8443/base" in its parts.
Result<Target> target_of(const std::string& url) {
  const std::size_t mark = url.find("://");
  if (mark == url.npos || (!url.starts_with("https://") && !url.starts_with("http://"))) {
    return Error{ErrorKind::invalid_input,
                 fmt::format("the STS endpoint {} is no URL of http or https", printable(url)),
                 "write it as https://host",
                 {}};
  }
  const std::size_t slash = url.find('/', mark + 3);
  Target target{url.substr(0, mark), url.substr(mark + 3, slash == url.npos ? url.npos : slash - mark - 3), "/", {}};
  if (slash != url.npos) target.path = url.substr(slash);
  return target;
}

/// The error of STS, by the remedy.
Error refusal(const Role& role, int status, const std::string& body, const Secret& confided) {
  std::string code = "no code", message;
  if (auto document = XmlDocument::parse(body, "ErrorResponse")) {
    code = document->root().text("Error/Code");
    message = document->root().text("Error/Message");
  }
  ErrorKind kind = ErrorKind::permission_denied;
  if (status >= 500 || status == 429 || code.find("Throttl") != code.npos || code == "IDPCommunicationError") {
    kind = ErrorKind::unavailable;
  }
  return Error{kind,
               fmt::format("STS refused the role {} of {}: {} ({}): {}", printable(role.arn), role.described_in, status,
                           printable(code), printable(censored(message, confided), 300)),
               kind == ErrorKind::unavailable ? "" : "look at the trust policy of the role, and at what asks for it",
               {}};
}

Result<Credentials> read_answer(const Role& role, const std::string& body, std::string_view action) {
  const auto bad = [&] {  // never quotes the answer: it may hold half of a secret
    return Error{ErrorKind::unavailable,
                 fmt::format("STS answered for the role {} of {} with something else than credentials",
                             printable(role.arn), role.described_in),
                 "is the STS endpoint the one that was meant?",
                 {}};
  };
  const auto document = XmlDocument::parse(body, fmt::format("{}Response", action));
  if (!document) return bad();
  const auto all = document->root().children(fmt::format("{}Result/Credentials", action));
  if (all.empty()) return bad();
  const XmlElement& found = all.front();
  Credentials credentials{found.text("AccessKeyId"), Secret(found.text("SecretAccessKey")),
                          Secret(found.text("SessionToken")), parse_expiration(found.text("Expiration")),
                          fmt::format("role {} of {}", role.arn, role.described_in)};
  const bool whole = !credentials.access_key_id.empty() && !found.text("SecretAccessKey").empty() &&
                     !found.text("SessionToken").empty() && credentials.expires;
  if (!whole) return bad();
  return credentials;
}

std::string session_name_of(const Surroundings& around, const Role& role) {
  if (!role.session_name.empty()) return role.session_name;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(around.clock->now().time_since_epoch());
  return fmt::format("millrace-{}", seconds.count());
}

/// What both calls say.
Query form_of(const Surroundings& around, const Role& role, std::string_view action) {
  Query form{{"Action", std::string(action)},
             {"Version", std::string(kVersion)},
             {"RoleArn", role.arn},
             {"RoleSessionName", session_name_of(around, role)}};
  if (!role.duration_seconds.empty()) form.emplace_back("DurationSeconds", role.duration_seconds);
  return form;
}

net::HttpRequest post_to(const Target& target, std::string_view body) {
  net::HttpRequest request;
  request.method = "POST";
  request.url = url_of(target);
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}};
  request.body = body;
  request.deadlines = sts_deadlines();
  return request;
}

}  // namespace

Result<StsPlace> sts_place(const Surroundings& around, const ChainOptions& options, const std::string& profile_region) {
  StsPlace place{options.region, options.sts_endpoint};
  for (const char* name : {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
    if (place.region.empty()) place.region = around.environment(name).value_or("");
  }
  if (place.region.empty()) place.region = profile_region;
  if (place.region.empty()) place.region = "us-east-1";
  if (place.url.empty()) place.url = around.environment("AWS_ENDPOINT_URL_STS").value_or("");
  if (place.url.empty()) {
    place.url = fmt::format("https://sts.{}.{}/", place.region, dns_suffix_of(place.region));
  }
  MR_CHECK(target_of(place.url));
  return place;
}

Result<Credentials> assume_role(const Surroundings& around, const StsPlace& sts, const Role& role,
                                const Credentials& source) {
  MR_TRY(const Target target, target_of(sts.url));
  Query form = form_of(around, role, "AssumeRole");
  if (!role.external_id.empty()) form.emplace_back("ExternalId", role.external_id);
  const std::string body = canonical_query(form);
  net::HttpRequest request = post_to(target, body);
  sign({sts.region, "sts"}, source, around.clock->now(), request.method, target, request.headers, sha256_hex(body));
  MR_TRY(const net::HttpResponse answer, around.transport->send(request));
  const Secret token = source.session_token.value_or(Secret(""));
  if (!answer.ok()) return refusal(role, answer.status, answer.body, token);
  return read_answer(role, answer.body, "AssumeRole");
}

Result<Credentials> assume_role_with_web_identity(const Surroundings& around, const StsPlace& sts, const Role& role) {
  MR_TRY(const Target target, target_of(sts.url));
  auto read = around.read_file(role.token_file);
  if (!read) return std::move(read).error().within(fmt::format("reading the web identity of {}", role.described_in));
  const Secret token{std::string(trimmed(*read))};
  Query form = form_of(around, role, "AssumeRoleWithWebIdentity");
  form.emplace_back("WebIdentityToken", token.reveal_to_the_wire());
  const std::string body = canonical_query(form);
  MR_TRY(const net::HttpResponse answer, around.transport->send(post_to(target, body)));
  if (!answer.ok()) return refusal(role, answer.status, answer.body, token);
  return read_answer(role, answer.body, "AssumeRoleWithWebIdentity");
}

}  // namespace millrace::lake::s3
