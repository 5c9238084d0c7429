#include "base/failpoint.h"

#include <gtest/gtest.h>

#include <chrono>

namespace millrace::failpoint {
namespace {

struct FailpointTest : ::testing::Test {
  ~FailpointTest() override { EXPECT_TRUE(configure("")); }
};

TEST_F(FailpointTest, an_idle_point_lets_everybody_pass) { EXPECT_TRUE(pass("a.b")); }

TEST_F(FailpointTest, error_comes_back_as_unavailable_and_names_the_point) {
  ASSERT_TRUE(configure("a.b=error"));

  const auto got = pass("a.b");

  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, ErrorKind::unavailable);
  EXPECT_EQ(got.error().message, "injected fault at failpoint a.b");
  EXPECT_TRUE(pass("a.c"));
}

TEST_F(FailpointTest, at_k_strikes_only_at_the_kth_passing) {
  ASSERT_TRUE(configure("a.b=error@2"));

  EXPECT_TRUE(pass("a.b"));
  EXPECT_FALSE(pass("a.b"));
  EXPECT_TRUE(pass("a.b"));
}

TEST_F(FailpointTest, at_k_plus_strikes_from_the_kth_passing_on) {
  ASSERT_TRUE(configure("a.b=error@2+"));

  EXPECT_TRUE(pass("a.b"));
  EXPECT_FALSE(pass("a.b"));
  EXPECT_FALSE(pass("a.b"));
}

TEST_F(FailpointTest, there_is_no_passing_before_the_first) {
  EXPECT_FALSE(configure("a.b=error@0"));
  EXPECT_FALSE(configure("a.b=error@+"));
}

TEST_F(FailpointTest, kill_ends_the_process_without_cleaning_up) {
  EXPECT_EXIT(
      {
        (void)configure("a.b=kill");
        (void)pass("a.b");
      },
      ::testing::KilledBySignal(SIGKILL), "");
}

TEST_F(FailpointTest, what_does_not_parse_is_refused_and_named) {
  const auto got = configure("a.b=explode");

  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().message, "failpoint 'a.b=explode' does not parse");
}

}  // namespace
}  // namespace millrace::failpoint
