#pragma once
/// \file jinja/parse_depth.h
/// Counts how deep the parser has called itself, so that ((((... cannot overflow the stack.

#include <string_view>

namespace millrace::jinja {

class Nested {
 public:
  static constexpr int kDeepest = 150;
  static constexpr std::string_view kMessage = "found more than 150 levels of nesting";
  explicit Nested(int& level) : level_(&level) { ++*level_; }
  Nested(const Nested&) = delete;
  Nested& operator=(const Nested&) = delete;
  ~Nested() { --*level_; }
  [[nodiscard]] bool too_deep() const { return *level_ > kDeepest; }

 private:
  int* level_;  // borrows; outlives us
};

}  // namespace millrace::jinja
