#pragma once
/// \file lake/s3/signer.h
/// AWS Signature Version 4, by hand: libcurl's own signer fails eight request shapes that a lake needs.
/// Source: docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html

#include <chrono>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/secret.h"
#include "lake/s3/credentials.h"
#include "lake/s3/target.h"
#include "net/http.h"

namespace millrace::lake::s3 {

/// Over TLS the body may go unsigned; over plain http give its sha256 in hex.
inline constexpr std::string_view kUnsignedPayload = "UNSIGNED-PAYLOAD";
/// The body is sent in signed chunks, see ChunkSigner.
inline constexpr std::string_view kStreamingPayload = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
/// sha256 of no bytes.
inline constexpr std::string_view kEmptyPayload = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// What a signature is made for. Threads: a value.
struct Scope {
  std::string region = "us-east-1";
  std::string service = "s3";  ///< "sts", "sqs"
};

/// Adds x-amz-date, x-amz-content-sha256 (s3 only), x-amz-security-token and Authorization to `headers`; those of an
/// earlier signing are replaced. Signs host, range, date, content-* and x-amz-* as they stand in `headers`.
/// `payload`: sha256 of the body in hex, or one of the constants above.
/// Returns the signature (64 hex digits), which is the seed of a ChunkSigner. Requires: no header name twice.
std::string sign(const Scope& scope, const Credentials& credentials, WallTime now, std::string_view method,
                 const Target& target, net::Headers& headers, std::string_view payload);

/// A URL that carries its own permission for `valid` (at most 7 days). `headers` must be sent as they are.
/// The URL is a secret until it has expired.
Secret presigned_url(const Scope& scope, const Credentials& credentials, WallTime now, std::string_view method,
                     Target target, const net::Headers& headers, std::chrono::seconds valid);

/// Frames a body as aws-chunked with a signature per chunk, each signed over the one before.
/// The request carries x-amz-decoded-content-length and Content-Encoding: aws-chunked.
/// Threads: one thread at a time.
class ChunkSigner {
 public:
  /// `seed`: what sign() returned for kStreamingPayload, at the same `now`.
  ChunkSigner(const Scope& scope, const Credentials& credentials, WallTime now, std::string seed);

  /// One framed chunk. An empty `bytes` is the last one, and must be sent.
  std::string frame(std::string_view bytes);

  /// Bytes on the wire for a body of `size_bytes` in chunks of `chunk_bytes`.
  static std::uint64_t framed_size(std::uint64_t size_bytes, std::uint64_t chunk_bytes);

 private:
  Secret key_;
  std::string date_time_, scope_text_, previous_;
};

}  // namespace millrace::lake::s3
