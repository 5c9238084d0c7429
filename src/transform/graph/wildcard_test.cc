#include "transform/graph/wildcard.h"

#include <gtest/gtest.h>

#include <string>

namespace millrace::transform {
namespace {

TEST(Wildcard, stars_marks_and_sets) {
  EXPECT_TRUE(fits("*", ""));
  EXPECT_TRUE(fits("stg_*", "stg_orders"));
  EXPECT_FALSE(fits("stg_*", "orders"));
  EXPECT_TRUE(fits("*_orders", "stg_orders"));
  EXPECT_TRUE(fits("s?g", "stg"));
  EXPECT_FALSE(fits("s?g", "sg"));
  EXPECT_TRUE(fits("[a-c]x", "bx"));
  EXPECT_FALSE(fits("[!a-c]x", "bx"));
  EXPECT_TRUE(fits("[x", "[x")) << "a bracket that does not close is itself";
  EXPECT_TRUE(fits("a*b*c", "a1b2b3c"));
  EXPECT_FALSE(fits("a*b", "a1b2"));
}

TEST(Wildcard, many_stars_take_no_exponential_time) {
  std::string pattern, text(2000, 'a');
  for (int i = 0; i < 200; ++i) pattern += "a*";
  EXPECT_FALSE(fits(pattern + "b", text));
}

}  // namespace
}  // namespace millrace::transform
