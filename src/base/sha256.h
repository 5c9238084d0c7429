#pragma once
/// \file base/sha256.h
/// SHA-256 over OpenSSL, for content identity: equal digests mean equal bytes.

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

/// MD5, only because dbt shortens long test names with it. Never for identity.
std::string md5_hex(std::string_view bytes);

}  // namespace millrace
