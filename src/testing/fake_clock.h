#pragma once
/// \file testing/fake_clock.h
#include <atomic>

#include "base/clock.h"

namespace millrace::testing {

/// Stands at 2026-11-22 12:00:00 UTC until it is moved. Threads: safe to share.
class FakeClock final : public Clock {
 public:
  [[nodiscard]] WallTime now() const override { return WallTime{std::chrono::microseconds{now_us_.load()}}; }
  [[nodiscard]] SteadyTime steady() const override { return SteadyTime{std::chrono::microseconds{steady_us_.load()}}; }
  void advance(std::chrono::microseconds by) {
    now_us_ += by.count();
    steady_us_ += by.count();
  }
  void jump_wall(std::chrono::microseconds by) { now_us_ += by.count(); }  ///< as an operator or NTP would

 private:
  std::atomic<std::int64_t> now_us_{1'795'348'800'000'000};
  std::atomic<std::int64_t> steady_us_{0};
};

}  // namespace millrace::testing
