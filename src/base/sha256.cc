#include "base/sha256.h"

#include <openssl/evp.h>

#include "base/result.h"

namespace millrace {
namespace {

std::string to_hex(std::string_view digest) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  for (const char c : digest) {
    out += kHex[static_cast<unsigned char>(c) >> 4];
    out += kHex[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

}  // namespace

struct Sha256::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { EVP_MD_CTX_free(context); }
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  MR_INVARIANT(EVP_DigestInit_ex(state_->context, EVP_sha256(), nullptr) == 1, "OpenSSL offers SHA-256");
}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(std::string_view bytes) {
  MR_INVARIANT(EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()) == 1, "SHA-256 takes any bytes");
}

std::string Sha256::hex_digest() {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  MR_INVARIANT(EVP_DigestFinal_ex(state_->context, digest, &size) == 1, "SHA-256 is finished once");
  return to_hex({reinterpret_cast<const char*>(digest), size});
}

std::string md5_hex(std::string_view bytes) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  MR_INVARIANT(EVP_Digest(bytes.data(), bytes.size(), digest, &size, EVP_md5(), nullptr) == 1, "OpenSSL offers MD5");
  return to_hex({reinterpret_cast<const char*>(digest), size});
}

std::string sha256_hex(std::string_view bytes) {
  Sha256 hash;
  hash.update(bytes);
  return hash.hex_digest();
}

}  // namespace millrace
