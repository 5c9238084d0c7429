#pragma once
/// \file base/sha256.h
/// SHA-256 over OpenSSL, for content identity: equal digests mean equal bytes. Beside it what wire protocols ask for:
/// MD5 and HMAC.

#include <memory>
#include <string>
#include <string_view>

namespace millrace {

/// Threads: one thread at a time.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  void update(std::string_view bytes);
  [[nodiscard]] std::string hex_digest();  ///< 64 lower-case hex digits; once, at the end

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string sha256_hex(std::string_view bytes);

/// MD5, only because dbt shortens long test names with it and S3 wants it in Content-MD5. Never for identity.
/// Threads: one thread at a time.
class Md5 {
 public:
  Md5();
  ~Md5();
  Md5(Md5&&) noexcept;
  Md5& operator=(Md5&&) noexcept;
  void update(std::string_view bytes);
  [[nodiscard]] std::string digest();  ///< 16 bytes; once, at the end

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string md5_hex(std::string_view bytes);

/// 32 bytes. Source: RFC 2104.
std::string hmac_sha256(std::string_view key, std::string_view bytes);

std::string to_hex(std::string_view bytes);     ///< lower case
std::string to_base64(std::string_view bytes);  ///< with padding. Source: RFC 4648, section 4.

}  // namespace millrace
