#include "lake/s3/failure.h"

#include <fmt/format.h>

#include <array>
#include <string_view>

#include "base/utf8.h"
#include "lake/s3/xml.h"

namespace millrace::lake::s3 {
namespace {

/// What a code of S3 means for us; the status decides where a code is not in the table.
struct Meaning {
  std::string_view code;
  Remedy remedy;
  ErrorKind kind;
};

constexpr std::array kMeanings{
    Meaning{"SlowDown", Remedy::slow_down, ErrorKind::unavailable},
    Meaning{"Throttling", Remedy::slow_down, ErrorKind::unavailable},
    Meaning{"ThrottlingException", Remedy::slow_down, ErrorKind::unavailable},
    Meaning{"RequestLimitExceeded", Remedy::slow_down, ErrorKind::unavailable},
    Meaning{"TooManyRequests", Remedy::slow_down, ErrorKind::unavailable},
    Meaning{"InternalError", Remedy::wait, ErrorKind::unavailable},
    Meaning{"InternalErrors", Remedy::wait, ErrorKind::unavailable},
    Meaning{"ServiceUnavailable", Remedy::wait, ErrorKind::unavailable},
    Meaning{"RequestTimeout", Remedy::wait, ErrorKind::unavailable},
    Meaning{"BadDigest", Remedy::wait, ErrorKind::unavailable},
    Meaning{"IncompleteBody", Remedy::wait, ErrorKind::unavailable},
    Meaning{"XAmzContentSHA256Mismatch", Remedy::wait, ErrorKind::unavailable},
    Meaning{"ConditionalRequestConflict", Remedy::wait, ErrorKind::conflict},
    Meaning{"OperationAborted", Remedy::wait, ErrorKind::conflict},
    Meaning{"RequestTimeTooSkewed", Remedy::server_time, ErrorKind::permission_denied},
    Meaning{"ExpiredToken", Remedy::new_credentials, ErrorKind::permission_denied},
    Meaning{"InvalidToken", Remedy::new_credentials, ErrorKind::permission_denied},
    Meaning{"TokenRefreshRequired", Remedy::new_credentials, ErrorKind::permission_denied},
    Meaning{"AuthorizationHeaderMalformed", Remedy::other_region, ErrorKind::invalid_input},
    Meaning{"PermanentRedirect", Remedy::other_region, ErrorKind::invalid_input},
    Meaning{"TemporaryRedirect", Remedy::other_region, ErrorKind::invalid_input},
    Meaning{"IllegalLocationConstraintException", Remedy::other_region, ErrorKind::invalid_input},
    Meaning{"InvalidObjectState", Remedy::none, ErrorKind::permission_denied},
    Meaning{"InvalidAccessKeyId", Remedy::none, ErrorKind::permission_denied},
    Meaning{"SignatureDoesNotMatch", Remedy::none, ErrorKind::permission_denied},
};

const Meaning* meaning_of(std::string_view code) {
  for (const Meaning& m : kMeanings)
    if (m.code == code) return &m;
  return nullptr;
}

/// A word for an answer without a body, such as every answer to HEAD.
std::string word_for(int status) {
  switch (status) {
    case 400: return "BadRequest";
    case 401:
    case 403: return "Forbidden";
    case 404: return "NotFound";
    case 405: return "MethodNotAllowed";
    case 409: return "Conflict";
    case 412: return "PreconditionFailed";
    case 416: return "InvalidRange";
    case 429: return "TooManyRequests";
    case 501: return "NotImplemented";
    case 503: return "ServiceUnavailable";
    default: return fmt::format("Status{}", status);
  }
}

std::string header_of(const net::HttpResponse& answer, std::string_view name) {
  const std::string* value = answer.find(name);
  return value == nullptr ? std::string() : *value;
}

bool is_key_id_at(std::string_view text, std::size_t at, std::size_t& length) {
  const std::string_view start = text.substr(at, 4);
  if (start != "AKIA" && start != "ASIA" && start != "AROA" && start != "AIDA") return false;
  length = 4;
  while (at + length < text.size() && ((text[at + length] >= 'A' && text[at + length] <= 'Z') ||
                                       (text[at + length] >= '0' && text[at + length] <= '9')))
    ++length;
  return length >= 16;
}

void hide(std::string& text, const std::string& secret) {
  if (secret.size() < 4) return;
  for (auto at = text.find(secret); at != std::string::npos; at = text.find(secret, at + 3))
    text.replace(at, secret.size(), "***");
}

}  // namespace

std::string cleaned(std::string_view text, const std::vector<std::string>& secrets, std::size_t most) {
  std::string plain(text.substr(0, 64 * most));
  for (const std::string& secret : secrets) hide(plain, secret);
  std::string out;
  for (std::size_t i = 0; i < plain.size();) {
    const std::size_t n = utf8::sequence_length(std::string_view(plain).substr(i));
    std::size_t key_length = 0;
    if (out.size() + std::max<std::size_t>(n, 3) > most) return out + "…";
    if (is_key_id_at(plain, i, key_length)) {
      out += "***";
      i += key_length;
      continue;
    }
    const auto c = static_cast<unsigned char>(plain[i]);
    const bool c1_control = n == 2 && c == 0xc2 && static_cast<unsigned char>(plain[i + 1]) < 0xa0;
    if (n == 0 || c < 0x20 || c == 0x7f || c1_control)
      out += n == 0 || c1_control ? "?" : " ";
    else
      out += plain.substr(i, n);
    i += std::max<std::size_t>(n, 1);
  }
  return out;
}

Failure failure_of(const net::HttpResponse& answer, bool error_in_200, const std::vector<std::string>& secrets) {
  Failure f;
  f.status = answer.status;
  if (answer.ok() && !error_in_200) return f;
  f.request_id = cleaned(header_of(answer, "x-amz-request-id"), {}, 80);
  f.region = cleaned(header_of(answer, "x-amz-bucket-region"), {}, 40);
  const auto document = XmlDocument::parse(answer.body, "Error");
  if (document) {
    f.code = cleaned(document->root().text("Code"), {}, 80);
    f.message = cleaned(document->root().text("Message"), secrets);
    if (f.region.empty()) f.region = cleaned(document->root().text("Region"), {}, 40);
    if (f.request_id.empty()) f.request_id = cleaned(document->root().text("RequestId"), {}, 80);
    if (f.code.empty()) f.code = answer.ok() ? "InternalError" : word_for(answer.status);
  } else if (!answer.ok()) {
    f.code = word_for(answer.status);
    f.message = cleaned(answer.body, secrets, 120);
  }
  return f;
}

Remedy remedy_of(const Failure& f) {
  if (const Meaning* m = meaning_of(f.code)) {
    if (m->remedy == Remedy::other_region && f.region.empty()) return Remedy::none;
    return m->remedy;
  }
  switch (f.status) {
    case 301:
    case 307: return f.region.empty() ? Remedy::none : Remedy::other_region;
    case 429: return Remedy::slow_down;
    case 408:
    case 500:
    case 502:
    case 503:
    case 504: return Remedy::wait;
    default: return Remedy::none;
  }
}

bool may_have_acted(const Failure& f) {
  if (f.status == 200) return true;  // an error inside: the work had begun
  return f.status >= 500 && f.status != 501 && f.code != "SlowDown" && f.code != "ServiceUnavailable";
}

ErrorKind kind_of(const Failure& f) {
  if (const Meaning* m = meaning_of(f.code)) return m->kind;
  switch (f.status) {
    case 401:
    case 403: return ErrorKind::permission_denied;
    case 404: return ErrorKind::not_found;
    case 405:
    case 501: return ErrorKind::unsupported;
    case 408:
    case 429: return ErrorKind::unavailable;
    case 409:
    case 412:
    case 416: return ErrorKind::conflict;
    default: break;
  }
  return f.status >= 500 || f.status < 300 ? ErrorKind::unavailable : ErrorKind::invalid_input;
}

std::string hint_of(const Failure& f) {
  if (f.code == "NoSuchBucket") return "create the bucket, or correct the bucket's name in lake.url";
  if (f.code == "InvalidObjectState") return "ask for a readable copy: millrace lake restore";
  if (f.code == "InvalidAccessKeyId" || f.code == "SignatureDoesNotMatch")
    return "check the access key and its secret, and that they belong to this endpoint";
  if (f.code == "RequestTimeTooSkewed") return "set this machine's clock";
  if (remedy_of(f) == Remedy::new_credentials) return "sign in again, or renew the session token";
  if (meaning_of(f.code) != nullptr && meaning_of(f.code)->kind == ErrorKind::invalid_input)
    return f.region.empty() ? "set the region that the bucket is in" : "set the region to " + f.region;
  switch (kind_of(f)) {
    case ErrorKind::permission_denied:
      return "allow it to these credentials; millrace lake policy prints what a loader needs";
    case ErrorKind::conflict: return "it is looked at again at the next sweep";
    case ErrorKind::unavailable: return "it is safe to try again later";
    case ErrorKind::unsupported: return "this endpoint does not know the call";
    default: return {};
  }
}

}  // namespace millrace::lake::s3
