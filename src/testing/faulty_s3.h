#pragma once
/// \file testing/faulty_s3.h
/// What goes wrong between a client and S3, on purpose and from a seed. Whether a request is struck depends on the
/// seed, on the request, and on how often it came, not on which thread came first: the same seed gives the same faults.

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "net/http.h"

namespace millrace::testing {

enum class S3Fault : std::uint8_t {
  slow_down,            ///< 503 SlowDown
  internal_error,       ///< 500
  timeout_before,       ///< no answer, and the server did nothing
  timeout_after,        ///< no answer, and the server did it
  truncated,            ///< the body breaks off
  wrong_bytes,          ///< a byte of an object's body is another one
  error_in_200,         ///< 200 with an <Error> inside, nothing done
  expired_credentials,  ///< 400 ExpiredToken
  clock_skew,           ///< 403 RequestTimeTooSkewed, and a Date that is 20 minutes ahead
  stale_list,           ///< the answer that the same listing had the time before
  replaced,             ///< somebody replaces the object just before it is read: calls on_replace
  wrong_range,          ///< Content-Range of other bytes
  reset_on_connect,     ///< nothing was sent
  lost_answer,          ///< a write is done, and the connection is reset
  stall,                ///< half of the answer, then silence
};
inline constexpr std::size_t kS3Faults = 15;
std::string_view name_of(S3Fault fault);
/// All kinds that a client can hide from its caller; stale_list and replaced are the truth changing.
std::vector<S3Fault> hidden_s3_faults();
std::vector<S3Fault> all_s3_faults();

/// Threads: safe to share, as far as on_replace is.
class FaultyS3 final : public net::HttpTransport {
 public:
  /// Borrows both. `chance`: of each request to be struck, by one of `kinds` that fits it.
  FaultyS3(net::HttpTransport& inner, const Clock& clock, std::uint64_t seed, double chance, std::vector<S3Fault> kinds)
      : inner_(&inner), clock_(&clock), seed_(seed), chance_(chance), kinds_(std::move(kinds)) {}

  Result<net::HttpResponse> send(const net::HttpRequest& request, net::BodySink* sink) override;
  using net::HttpTransport::send;

  /// Told the URL of an object about to be read; puts another version there. Set before the first request.
  std::function<void(const std::string& url)> on_replace = {};

  [[nodiscard]] std::uint64_t requests() const;
  [[nodiscard]] std::map<S3Fault, std::uint64_t> injected() const;

 private:
  /// nullopt: the request is spared.
  std::optional<S3Fault> draw(const net::HttpRequest& request, Random& random);
  [[nodiscard]] bool fits(S3Fault fault, const net::HttpRequest& request) const;
  Result<net::HttpResponse> refuse(S3Fault fault, const net::HttpRequest& request, net::BodySink* sink) const;
  Result<net::HttpResponse> pass(const net::HttpRequest& request, net::BodySink* sink);
  Result<net::HttpResponse> damage(S3Fault fault, const net::HttpRequest& request, net::BodySink* sink, Random& random);

  net::HttpTransport* inner_;  // borrowed, outlives us
  const Clock* clock_;         // borrowed, outlives us
  const std::uint64_t seed_;
  const double chance_;
  const std::vector<S3Fault> kinds_;
  mutable std::mutex mutex_;
  std::map<std::string, std::uint64_t> seen_;
  std::map<std::string, net::HttpResponse> listings_;
  std::map<S3Fault, std::uint64_t> injected_;
  std::uint64_t requests_ = 0;
};

}  // namespace millrace::testing
