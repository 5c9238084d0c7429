#include "warehouse/cell_text.h"

#include <gtest/gtest.h>

#include <limits>

namespace millrace::warehouse {
namespace {

std::string timestamp(std::int64_t micros) {
  std::string out;
  append_timestamp(out, micros, 'T');
  return out;
}

std::string decimal(Int128 unscaled, unsigned scale) {
  std::string out;
  append_decimal(out, unscaled, scale);
  return out;
}

TEST(CellText, timestamps_show_the_fraction_only_where_there_is_one) {
  EXPECT_EQ(timestamp(0), "1970-01-01T00:00:00");
  EXPECT_EQ(timestamp(1531416784123000), "2018-07-12T17:33:04.123");
  EXPECT_EQ(timestamp(-1), "1969-12-31T23:59:59.999999");
  EXPECT_EQ(timestamp(std::numeric_limits<std::int64_t>::max()), "infinity");
}

TEST(CellText, dates_beyond_four_digits_carry_a_sign) {
  std::string out;
  append_date(out, 106751991);
  EXPECT_EQ(out, "+294247-01-10");
}

TEST(CellText, decimals_keep_every_digit) {
  EXPECT_EQ(decimal(-5, 2), "-0.05");
  EXPECT_EQ(decimal(1230, 2), "12.30");
  EXPECT_EQ(decimal(7, 0), "7");
  EXPECT_EQ(decimal(static_cast<Int128>(std::numeric_limits<std::int64_t>::max()) * 10, 1), "9223372036854775807.0");
}

}  // namespace
}  // namespace millrace::warehouse
