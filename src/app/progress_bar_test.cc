#include "app/progress_bar.h"

#include <gtest/gtest.h>

namespace millrace::app {
namespace {

TEST(ProgressBar, shows_share_and_bytes) {
  EXPECT_EQ(ProgressBar::line("put  a.csv", 500'000'000, 1'000'000'000),
            "put  a.csv  [############            ]  50 %  500.0 MB of 1.0 GB");
  EXPECT_EQ(ProgressBar::line("put  a.csv", 0, 10), "put  a.csv  [                        ]  0 %  0 B of 10 B");
}

TEST(ProgressBar, never_runs_over_its_end) {
  EXPECT_EQ(ProgressBar::line("x", 30, 10), "x  [########################]  100 %  30 B of 10 B");
  EXPECT_EQ(ProgressBar::line("x", 30, 0), "x  30 B");
}

TEST(ProgressBar, writes_nothing_where_nobody_looks) {
  std::FILE* file = std::tmpfile();
  ASSERT_NE(file, nullptr);
  {
    ProgressBar bar(file, "x", 1 << 30);
    bar.at(1 << 29);
  }
  EXPECT_EQ(std::ftell(file), 0);
  std::fclose(file);
}

}  // namespace
}  // namespace millrace::app
