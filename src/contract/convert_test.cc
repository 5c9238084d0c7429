#include "contract/convert.h"

#include <gtest/gtest.h>

#include <limits>

namespace millrace {
namespace {

TEST(Convert, integers_take_64_bits_and_not_one_more) {
  EXPECT_EQ(to_int64("9223372036854775807"), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(to_int64("-9223372036854775808"), std::numeric_limits<std::int64_t>::min());
  EXPECT_FALSE(to_int64("9223372036854775808"));
  EXPECT_FALSE(to_int64("-9223372036854775809"));
  EXPECT_EQ(to_int64("007"), 7);
  EXPECT_EQ(to_int64("-0"), 0);
}

TEST(Convert, what_only_looks_like_an_integer_is_refused) {
  for (const char* text :
       {"", "-", "+1", " 1", "1 ", "1.0", "1e3", "0x10", "1_000", "1,000", "--1", "١٢", "12345678901234567890123"})
    EXPECT_FALSE(to_int64(text)) << text;
}

TEST(Convert, decimals_are_exact_and_never_rounded) {
  EXPECT_EQ(to_decimal("9.99", 18, 2), 999);
  EXPECT_EQ(to_decimal("-0.5", 18, 2), -50);
  EXPECT_EQ(to_decimal("0", 2, 2), 0);
  EXPECT_EQ(to_decimal("0012", 4, 2), 1200);
  EXPECT_EQ(to_decimal("9999999999999999.99", 18, 2), 999999999999999999);
  for (const char* text : {"9.999", "10000000000000000.00", ".5", "5.", "1,5", "1e2", "", "-", "NaN", "1.2.3"})
    EXPECT_FALSE(to_decimal(text, 18, 2)) << text;
}

TEST(Convert, numbers_are_finite_and_booleans_are_words) {
  EXPECT_EQ(to_float64("1.5e3"), 1500.0);
  for (const char* text : {"", "nan", "inf", "1e400", "0x1p3", "1.5 ", "1,5"}) EXPECT_FALSE(to_float64(text)) << text;
  EXPECT_EQ(to_boolean("TRUE"), true);
  EXPECT_EQ(to_boolean("false"), false);
  for (const char* text : {"1", "yes", "t", ""}) EXPECT_FALSE(to_boolean(text)) << text;
}

}  // namespace
}  // namespace millrace
