#include "lake/s3/encoded.h"

#include "base/sha256.h"
#include "lake/s3/target.h"

namespace millrace::lake::s3 {
namespace {

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string with_quotes(std::string_view etag) {
  if (etag.empty() || etag.starts_with('"') || etag.starts_with("W/")) return std::string(etag);
  return "\"" + std::string(etag) + "\"";
}

std::string content_md5(std::string_view bytes) {
  Md5 hash;
  hash.update(bytes);
  return to_base64(hash.digest());
}

std::string copy_source(std::string_view bucket, std::string_view key) {
  return encoded_path("/" + std::string(bucket) + "/" + std::string(key));
}

std::string url_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && digit_of(text[i + 1]) >= 0 && digit_of(text[i + 2]) >= 0) {
      out += static_cast<char>(digit_of(text[i + 1]) * 16 + digit_of(text[i + 2]));
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

}  // namespace millrace::lake::s3
