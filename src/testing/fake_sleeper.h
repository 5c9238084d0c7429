#pragma once
/// \file testing/fake_sleeper.h
#include <mutex>
#include <vector>

#include "net/retry.h"
#include "testing/fake_clock.h"

namespace millrace::testing {

/// Does not wait: moves the clock on, and remembers by how much. Threads: safe to share.
class FakeSleeper final : public net::Sleeper {
 public:
  explicit FakeSleeper(FakeClock& clock) : clock_(&clock) {}
  Status sleep(std::chrono::milliseconds time, std::stop_token stop) override {
    if (stop.stop_requested()) return Error{ErrorKind::cancelled, "stopped while asleep", {}, {}};
    clock_->advance(time);
    const std::lock_guard lock(mutex_);
    slept_.push_back(time);
    return ok();
  }
  [[nodiscard]] std::vector<std::chrono::milliseconds> slept() const {
    const std::lock_guard lock(mutex_);
    return slept_;
  }

 private:
  FakeClock* clock_;  // borrowed, outlives us
  mutable std::mutex mutex_;
  std::vector<std::chrono::milliseconds> slept_;
};

}  // namespace millrace::testing
