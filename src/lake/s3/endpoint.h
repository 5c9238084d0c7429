#pragma once
/// \file lake/s3/endpoint.h
/// Which host a bucket answers on, and how its name goes into the URL.
/// Source: docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html; the rule set of the AWS SDKs.

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "lake/s3/target.h"
#include "net/http.h"

namespace millrace::lake::s3 {

/// "s3://bucket/prefix": a lake in a bucket.
struct BucketUrl {
  std::string bucket;
  std::string prefix;  ///< "" or "a/b/": with '/' at its end, without one at its start
};
/// Errors: invalid_input for another scheme, a query, or a name that no bucket can have.
Result<BucketUrl> parse_s3_url(std::string_view url);

/// Three to 63 characters of a-z 0-9 - and '.', and the rest of the rules. Errors: invalid_input, naming the rule.
/// Source: docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
Status check_bucket_name(std::string_view bucket);

struct EndpointOptions {
  std::string region = "us-east-1";
  std::string endpoint = {};            ///< "": AWS; else "http://127.0.0.1:7480", "https://s3.example.org"
  std::optional<bool> path_style = {};  ///< nullopt: AWS virtual-hosted, other endpoints path style
  bool dualstack = false;               ///< AWS only
  bool fips = false;                    ///< AWS only
};

/// A bucket on its endpoint. Threads: a value, safe to share.
class Endpoint {
 public:
  /// Errors: invalid_input (bucket name, endpoint URL, dots with forced virtual-hosted style over TLS, FIPS or
  /// dualstack with an endpoint of one's own); unsupported for directory buckets (--x-s3).
  static Result<Endpoint> make(const EndpointOptions& options, std::string bucket);

  /// The object `key`, byte for byte; "" is the bucket itself.
  [[nodiscard]] Target target(std::string_view key = {}, Query query = {}) const;

  /// The same bucket in another region; an endpoint of one's own stays.
  [[nodiscard]] Endpoint in_region(std::string region) const;

  [[nodiscard]] const std::string& region() const { return options_.region; }
  [[nodiscard]] const std::string& bucket() const { return bucket_; }
  [[nodiscard]] const std::string& host() const { return host_; }
  [[nodiscard]] bool is_tls() const { return scheme_ == "https"; }
  [[nodiscard]] bool is_path_style() const { return path_style_; }
  /// A host of AWS. Elsewhere an unknown sub-resource may fall through to the plain call: never DELETE ?sub there.
  [[nodiscard]] bool is_aws() const { return aws_; }

 private:
  EndpointOptions options_;
  std::string bucket_, scheme_, host_, base_path_;
  bool path_style_ = false, aws_ = true;
};

/// "amazonaws.com" of the region's partition: amazonaws.com.cn in China, c2s.ic.gov and so on.
std::string dns_suffix_of(std::string_view region);

/// The region a bucket really is in, by HEAD without credentials: the header x-amz-bucket-region, which comes with
/// 200, 301, 400 and 403 alike. nullopt: the endpoint does not say. Errors: not_found (no such bucket), unavailable.
Result<std::optional<std::string>> discover_region(net::HttpTransport& transport, const Endpoint& endpoint);

}  // namespace millrace::lake::s3
