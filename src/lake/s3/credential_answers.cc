#include <simdjson.h>

#include <ctime>

#include <fmt/format.h>

#include "lake/s3/credential_links.h"

namespace millrace::lake::s3 {
namespace {

Error unreadable(const std::string& found_in, std::string_view what) {
  return Error{ErrorKind::unavailable,
               fmt::format("{} answered with something else than credentials: {}", found_in, what),
               "expected JSON with AccessKeyId, SecretAccessKey and, where they end, Expiration",
               {}};
}

/// "" where it is not there or is no text.
std::string text_of(simdjson::dom::object object, std::string_view key) {
  std::string_view text;
  return object[key].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

}  // namespace

std::optional<WallTime> parse_expiration(std::string_view text) {
  const std::string copy(text);
  std::tm parts{};
  const char* rest = strptime(copy.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  if (rest == nullptr) return std::nullopt;
  if (*rest == '.') {
    for (++rest; *rest >= '0' && *rest <= '9'; ++rest) {
    }
  }
  std::chrono::minutes offset{0};
  if (*rest == '+' || *rest == '-') {
    int hours = 0, minutes = 0, used = 0;
    if (std::sscanf(rest + 1, "%2d:%2d%n", &hours, &minutes, &used) != 2 || rest[1 + used] != '\0') return std::nullopt;
    offset = std::chrono::minutes{(hours * 60 + minutes) * (*rest == '-' ? -1 : 1)};
  } else if (std::string_view(rest) != "Z") {
    return std::nullopt;
  }
  return WallTime{std::chrono::seconds{timegm(&parts)}} - offset;
}

Result<Credentials> parse_credentials_json(std::string_view text, const std::string& found_in) {
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  // The parser's own message names a kind of mistake, never the text.
  const simdjson::padded_string padded(text);
  if (const auto error = parser.parse(padded).get(object)) return unreadable(found_in, simdjson::error_message(error));
  Credentials credentials{text_of(object, "AccessKeyId"), Secret(text_of(object, "SecretAccessKey")), {}, {}, found_in};
  if (credentials.access_key_id.empty()) return unreadable(found_in, "there is no AccessKeyId");
  if (credentials.secret_access_key.reveal_to_the_wire().empty()) {
    return unreadable(found_in, "there is no SecretAccessKey");
  }
  for (const char* name : {"SessionToken", "Token"}) {
    if (std::string token = text_of(object, name); !token.empty()) credentials.session_token = Secret(std::move(token));
  }
  if (const std::string expiration = text_of(object, "Expiration"); !expiration.empty()) {
    credentials.expires = parse_expiration(expiration);
    if (!credentials.expires) return unreadable(found_in, "its Expiration is no time");
  }
  return credentials;
}

}  // namespace millrace::lake::s3
