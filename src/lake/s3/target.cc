#include "lake/s3/target.h"

#include <algorithm>

namespace millrace::lake::s3 {
namespace {

bool is_unreserved(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

std::string encoded(std::string_view bytes, bool keep_slash) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  out.reserve(bytes.size() + 16);
  for (const char c : bytes) {
    if (is_unreserved(c) || (keep_slash && c == '/')) {
      out.push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out.push_back('%');
    out.push_back(kHex[byte >> 4]);
    out.push_back(kHex[byte & 15]);
  }
  return out;
}

}  // namespace

std::string uri_encoded(std::string_view bytes) { return encoded(bytes, false); }
std::string encoded_path(std::string_view path) { return encoded(path, true); }

std::string canonical_query(const Query& query) {
  Query pairs;
  pairs.reserve(query.size());
  for (const auto& [name, value] : query) pairs.emplace_back(uri_encoded(name), uri_encoded(value));
  std::sort(pairs.begin(), pairs.end());
  std::string out;
  for (const auto& [name, value] : pairs) {
    if (!out.empty()) out.push_back('&');
    out.append(name).append("=").append(value);
  }
  return out;
}

std::string url_of(const Target& target) {
  std::string url = target.scheme + "://" + target.host + encoded_path(target.path);
  if (!target.query.empty()) url.append("?").append(canonical_query(target.query));
  return url;
}

}  // namespace millrace::lake::s3
