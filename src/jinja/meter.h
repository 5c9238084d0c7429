#pragma once
/// \file jinja/meter.h
/// What one rendering may cost. Templates come from users and packages; a loop that does not end,
/// or a text that doubles itself, must become an error and not a stuck or killed process.

#include <cstddef>
#include <cstdint>

#include "base/result.h"

namespace millrace::jinja {

struct Limits {
  std::uint64_t steps = 20'000'000;         ///< nodes evaluated, plus one per 16 bytes or element made
  std::size_t output_bytes = 64ULL << 20U;  ///< of one rendering, and of every single text on the way
  std::size_t macro_depth = 200;            ///< macros inside macros
  std::size_t stack_bytes = 4ULL << 20U;    ///< C++ stack below the entry point; under the thread's own size
};

/// Counts what was spent against Limits.
/// Threads: one thread at a time, the one that made it (it knows where that thread's stack began).
class Meter {
 public:
  explicit Meter(const Limits& limits = {});

  /// Errors: invalid_input once more than Limits::steps are spent.
  Status spend(std::uint64_t steps = 1) {
    spent_ += steps;
    if (spent_ > limits_.steps) return out_of_steps();
    return ok();
  }
  /// Before a text of `bytes` is made. Errors: invalid_input if it alone or all together are too much.
  Status spend_text(std::size_t bytes) {
    if (bytes > limits_.output_bytes) return too_long(bytes);
    return spend(bytes / 16 + 1);
  }
  /// On entry of everything that recurses. Errors: invalid_input when the stack is nearly used up.
  [[nodiscard]] Status check_stack() const;

  [[nodiscard]] const Limits& limits() const { return limits_; }
  [[nodiscard]] std::uint64_t spent() const { return spent_; }

 private:
  [[nodiscard]] Error out_of_steps() const;
  [[nodiscard]] Error too_long(std::size_t bytes) const;

  Limits limits_;
  std::uint64_t spent_ = 0;
  std::uintptr_t stack_base_;
};

}  // namespace millrace::jinja
