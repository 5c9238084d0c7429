#include "base/secret.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace millrace {
namespace {

TEST(Secret, is_read_from_the_environment) {
  ::setenv("MILLRACE_TEST_SECRET", "hunter2", 1);

  const auto got = read_secret("env:MILLRACE_TEST_SECRET");

  ASSERT_TRUE(got);
  EXPECT_TRUE(got->equals(Secret("hunter2")));
  EXPECT_FALSE(got->equals(Secret("hunter3")));
}

TEST(Secret, a_plain_value_is_refused_and_never_repeated) {
  const auto got = read_secret("hunter2");

  ASSERT_FALSE(got);
  EXPECT_EQ((got.error().message + got.error().hint).find("hunter2"), std::string::npos);
}

TEST(Secret, a_missing_variable_is_named) {
  EXPECT_EQ(read_secret("env:MILLRACE_NO_SUCH").error().message, "environment variable MILLRACE_NO_SUCH is not set");
}

}  // namespace
}  // namespace millrace
