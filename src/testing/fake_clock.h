#pragma once
/// \file testing/fake_clock.h
#include "base/clock.h"

namespace millrace::testing {

/// Stands at 2026-11-22 12:00:00 UTC until it is moved.
class FakeClock final : public Clock {
 public:
  [[nodiscard]] WallTime now() const override { return now_; }
  [[nodiscard]] SteadyTime steady() const override { return steady_; }
  void advance(std::chrono::microseconds by) {
    now_ += by;
    steady_ += by;
  }
  void jump_wall(std::chrono::microseconds by) { now_ += by; }  ///< as an operator or NTP would

 private:
  WallTime now_{std::chrono::seconds{1795348800}};
  SteadyTime steady_{};
};

}  // namespace millrace::testing
