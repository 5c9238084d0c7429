#include "base/secret.h"

#include <openssl/crypto.h>

#include <cstdlib>

#include "base/files.h"

namespace millrace {

Secret::~Secret() { OPENSSL_cleanse(value_.data(), value_.size()); }

bool Secret::equals(const Secret& other) const {
  return value_.size() == other.value_.size() && CRYPTO_memcmp(value_.data(), other.value_.data(), value_.size()) == 0;
}

Result<Secret> read_secret(const std::string& reference) {
  if (reference.starts_with("env:")) {
    const std::string name = reference.substr(4);
    if (const char* value = std::getenv(name.c_str())) return Secret(value);
    return Error{
        ErrorKind::not_found, "environment variable " + name + " is not set", "export it before the start", {}};
  }
  if (reference.starts_with("file:")) {
    MR_TRY(std::string text, read_file(reference.substr(5)));
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
    return Secret(std::move(text));
  }
  return Error{ErrorKind::invalid_input,
               "a secret was given as a plain value, expected a reference",
               "write env:NAME or file:/path; secrets never stand in the project",
               {}};
}

}  // namespace millrace
