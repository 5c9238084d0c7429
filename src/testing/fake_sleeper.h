#pragma once
/// \file testing/fake_sleeper.h
#include <vector>

#include "net/retry.h"
#include "testing/fake_clock.h"

namespace millrace::testing {

/// Does not wait: moves the clock on, and remembers by how much. Threads: one thread at a time.
class FakeSleeper final : public net::Sleeper {
 public:
  explicit FakeSleeper(FakeClock& clock) : clock_(&clock) {}
  Status sleep(std::chrono::milliseconds time, std::stop_token stop) override {
    if (stop.stop_requested()) return Error{ErrorKind::cancelled, "stopped while asleep", {}, {}};
    slept_.push_back(time);
    clock_->advance(time);
    return ok();
  }
  [[nodiscard]] const std::vector<std::chrono::milliseconds>& slept() const { return slept_; }

 private:
  FakeClock* clock_;  // outlives us
  std::vector<std::chrono::milliseconds> slept_;
};

}  // namespace millrace::testing
