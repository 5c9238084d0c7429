#include "base/sha256.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/result.h"

namespace millrace {
namespace {

/// One running digest of OpenSSL.
struct Digest {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  explicit Digest(const EVP_MD* kind) {
    MR_INVARIANT(EVP_DigestInit_ex(context, kind, nullptr) == 1, "OpenSSL offers SHA-256 and MD5");
  }
  Digest(const Digest&) = delete;
  Digest& operator=(const Digest&) = delete;
  ~Digest() { EVP_MD_CTX_free(context); }

  void update(std::string_view bytes) {
    MR_INVARIANT(EVP_DigestUpdate(context, bytes.data(), bytes.size()) == 1, "a digest takes any bytes");
  }
  std::string finish() {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    MR_INVARIANT(EVP_DigestFinal_ex(context, digest, &size) == 1, "a digest is finished once");
    return {reinterpret_cast<const char*>(digest), size};
  }
};

const unsigned char* as_bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

}  // namespace

struct Sha256::State {
  Digest digest{EVP_sha256()};
};

Sha256::Sha256() : state_(std::make_unique<State>()) {}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;
void Sha256::update(std::string_view bytes) { state_->digest.update(bytes); }
std::string Sha256::hex_digest() { return to_hex(state_->digest.finish()); }

struct Md5::State {
  Digest digest{EVP_md5()};
};

Md5::Md5() : state_(std::make_unique<State>()) {}
Md5::~Md5() = default;
Md5::Md5(Md5&&) noexcept = default;
Md5& Md5::operator=(Md5&&) noexcept = default;
void Md5::update(std::string_view bytes) { state_->digest.update(bytes); }
std::string Md5::digest() { return state_->digest.finish(); }

std::string sha256_hex(std::string_view bytes) {
  Sha256 hash;
  hash.update(bytes);
  return hash.hex_digest();
}

std::string md5_hex(std::string_view bytes) {
  Md5 hash;
  hash.update(bytes);
  return to_hex(hash.digest());
}

std::string hmac_sha256(std::string_view key, std::string_view bytes) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  MR_INVARIANT(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), as_bytes(bytes), bytes.size(), digest,
                    &size) != nullptr,
               "OpenSSL offers HMAC");
  return {reinterpret_cast<const char*>(digest), size};
}

std::string to_hex(std::string_view bytes) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    out += kHex[static_cast<unsigned char>(c) >> 4];
    out += kHex[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

std::string to_base64(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');  // EVP_EncodeBlock ends with a NUL
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), as_bytes(bytes), static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

}  // namespace millrace
