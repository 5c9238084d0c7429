#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>

namespace millrace {
namespace {

Result<std::unique_ptr<int>> half(int n) {
  if (n % 2 != 0) return Error{ErrorKind::invalid_input, "odd", {}, {}};
  return std::make_unique<int>(n / 2);
}

Result<int> quarter(int n) {
  MR_TRY(auto h, half(n));
  MR_TRY(auto q, half(*h));
  return *q;
}

TEST(Result, carries_move_only_values_and_returns_the_first_error) {
  EXPECT_EQ(*quarter(8), 2);
  EXPECT_EQ(quarter(6).error().message, "odd");
}

TEST(Result, only_unavailable_is_retryable) {
  for (auto k : {ErrorKind::conflict, ErrorKind::commit_unknown, ErrorKind::deadline_exceeded})
    EXPECT_FALSE((Error{k, "", "", {}}.retryable())) << name_of(k);

  EXPECT_TRUE((Error{ErrorKind::unavailable, "", "", {}}.retryable()));
}

TEST(Error, within_keeps_the_innermost_step_first) {
  const Error e = Error{ErrorKind::internal, "m", {}, {}}.within("inner").within("outer");

  EXPECT_EQ(e.trail, (std::vector<std::string>{"inner", "outer"}));
}

}  // namespace
}  // namespace millrace
