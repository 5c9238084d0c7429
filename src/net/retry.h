#pragma once
/// \file net/retry.h
/// When to send again: full jitter, a total time, and a budget that all calls to one endpoint share, so that an
/// endpoint in trouble is not buried under retries.
/// Source: AWS SDKs, "standard" retry mode; M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog 2015.

#include <chrono>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"

namespace millrace::net {

/// Waiting is handed down, so that a test does not wait. Threads: safe to share.
class Sleeper {
 public:
  virtual ~Sleeper() = default;
  /// Errors: cancelled as soon as `stop` is requested.
  virtual Status sleep(std::chrono::milliseconds time, std::stop_token stop) = 0;
};

/// Waits on the machine's clock.
Sleeper& thread_sleeper();

/// Why an attempt failed; it decides what the next one costs and how long to wait.
enum class RetryCause : std::uint8_t { transient, timeout, throttled };

struct RetryPolicy {
  int attempts = 5;                                 ///< the first one included
  std::chrono::milliseconds base{50};               ///< first wait is uniform in [0, base]
  std::chrono::milliseconds throttled_base{1'000};  ///< after "slow down"
  std::chrono::milliseconds cap{20'000};            ///< no wait is longer
  std::chrono::milliseconds total{180'000};         ///< no attempt starts later after the first
};

/// The wait before attempt `next` (2 = first retry): uniform in [0, min(cap, base * 2^(next-2))].
std::chrono::milliseconds full_jitter(const RetryPolicy& policy, int next, RetryCause cause, Random& random);

/// A token bucket: a retry takes tokens, a success gives some back. Threads: safe to share.
class RetryBudget {
 public:
  static constexpr int kCapacity = 500, kCost = 5, kTimeoutCost = 10, kGain = 1;
  explicit RetryBudget(int capacity = kCapacity) : capacity_(capacity), tokens_(capacity) {}

  /// The tokens taken for a retry after `cause`; 0: there are not enough, do not retry.
  [[nodiscard]] int take(RetryCause cause);
  /// A call has succeeded; `taken` is what its last retry took, 0 where it needed none.
  void succeeded(int taken);
  [[nodiscard]] int tokens() const;

 private:
  mutable std::mutex mutex_;
  const int capacity_;
  int tokens_;
};

/// What the attempts of many calls share. Borrows all; they outlive it.
struct RetrySurroundings {
  RetryBudget* budget = nullptr;
  const Clock* clock = nullptr;
  Sleeper* sleeper = nullptr;
};

/// The attempts of one call:
///   Retries retries(policy, surroundings, seed, stop);
///   for (;;) {
///     auto answer = attempt();
///     if (good(answer)) { retries.succeeded(); return answer; }
///     if (auto again = retries.wait(cause); !again) return ...;   // the attempt's own error, and why no more
///   }
/// Threads: one thread at a time.
class Retries {
 public:
  Retries(const RetryPolicy& policy, const RetrySurroundings& around, std::uint64_t seed, std::stop_token stop = {});

  /// Waits for the next attempt. `at_least`: what Retry-After asked for, kept within policy.cap.
  /// Errors: unavailable, saying what ran out (attempts, time, budget); cancelled.
  Status wait(RetryCause cause, std::chrono::milliseconds at_least = std::chrono::milliseconds{0});
  void succeeded();
  [[nodiscard]] int attempt() const { return attempt_; }  ///< the one under way; the first is 1

 private:
  RetryPolicy policy_;
  RetrySurroundings around_;
  Random random_;
  std::stop_token stop_;
  SteadyTime start_;
  int attempt_ = 1;
  int taken_ = 0;
};

/// The header Retry-After in seconds or as a date. nullopt: neither. Source: RFC 9110, section 10.2.3.
std::optional<std::chrono::milliseconds> parse_retry_after(std::string_view value, WallTime now);

}  // namespace millrace::net
