#include "net/retry.h"

#include <algorithm>
#include <charconv>
#include <condition_variable>
#include <ctime>

#include <fmt/format.h>

#include "base/words.h"

namespace millrace::net {
namespace {

using std::chrono::milliseconds;

Error stopped() { return Error{ErrorKind::cancelled, "stopped while waiting to send a request again", {}, {}}; }

class ThreadSleeper final : public Sleeper {
 public:
  Status sleep(milliseconds time, std::stop_token stop) override {
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock lock(mutex);
    wake.wait_for(lock, stop, time, [] { return false; });
    if (stop.stop_requested()) return stopped();
    return ok();
  }
};

int cost_of(RetryCause cause) { return cause == RetryCause::timeout ? RetryBudget::kTimeoutCost : RetryBudget::kCost; }

Error given_up(std::string why, std::string hint) {
  return Error{ErrorKind::unavailable, std::move(why), std::move(hint), {}};
}

}  // namespace

Sleeper& thread_sleeper() {
  static ThreadSleeper sleeper;
  return sleeper;
}

milliseconds full_jitter(const RetryPolicy& policy, int next, RetryCause cause, Random& random) {
  milliseconds most = cause == RetryCause::throttled ? policy.throttled_base : policy.base;
  for (int i = 2; i < next && most < policy.cap; ++i) most *= 2;
  most = std::min(most, policy.cap);
  return milliseconds{static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(most.count()) + 1))};
}

int RetryBudget::take(RetryCause cause) {
  const std::scoped_lock lock(mutex_);
  const int cost = cost_of(cause);
  if (tokens_ < cost) return 0;
  tokens_ -= cost;
  return cost;
}

void RetryBudget::succeeded(int taken) {
  const std::scoped_lock lock(mutex_);
  tokens_ = std::min(capacity_, tokens_ + (taken > 0 ? taken : kGain));
}

int RetryBudget::tokens() const {
  const std::scoped_lock lock(mutex_);
  return tokens_;
}

Retries::Retries(const RetryPolicy& policy, const RetrySurroundings& around, std::uint64_t seed, std::stop_token stop)
    : policy_(policy), around_(around), random_(seed), stop_(std::move(stop)), start_(around.clock->steady()) {}

Status Retries::wait(RetryCause cause, milliseconds at_least) {
  if (stop_.stop_requested()) return stopped();
  if (attempt_ >= policy_.attempts) return given_up(fmt::format("{} attempts failed", attempt_), {});
  const milliseconds pause =
      std::max(full_jitter(policy_, attempt_ + 1, cause, random_), std::min(at_least, policy_.cap));
  const auto spent = std::chrono::duration_cast<milliseconds>(around_.clock->steady() - start_);
  if (spent + pause > policy_.total) {
    return given_up(
        fmt::format("{} attempts failed within {}, the most is {}", attempt_, to_words(spent), to_words(policy_.total)),
        {});
  }
  const int taken = around_.budget->take(cause);
  if (taken == 0) {
    return given_up(fmt::format("attempt {} failed, and the retry budget of the endpoint is used up", attempt_),
                    "most requests to the endpoint fail; look at its health before loading it with more");
  }
  taken_ = taken;
  ++attempt_;
  return around_.sleeper->sleep(pause, stop_);
}

void Retries::succeeded() { around_.budget->succeeded(taken_); }

std::optional<milliseconds> parse_retry_after(std::string_view value, WallTime now) {
  value = trimmed(value);
  std::int64_t seconds = 0;
  const auto [end, failed] = std::from_chars(value.data(), value.data() + value.size(), seconds);
  if (failed == std::errc{} && end == value.data() + value.size() && !value.empty()) {
    if (seconds < 0) return std::nullopt;
    return milliseconds{std::min<std::int64_t>(seconds, 86'400) * 1000};
  }
  std::tm date{};
  const std::string text(value);
  const char* rest = strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &date);
  if (rest == nullptr || *rest != '\0') return std::nullopt;
  const WallTime at{std::chrono::seconds{timegm(&date)}};
  return std::max(milliseconds{0}, std::chrono::duration_cast<milliseconds>(at - now));
}

}  // namespace millrace::net
