#include "base/clock.h"

#include <gtest/gtest.h>

namespace millrace {
namespace {

using namespace std::chrono_literals;

TEST(Clock, writes_times_as_iso_and_sql_read_them) {
  const WallTime t{1795358908000123us};

  EXPECT_EQ(to_iso8601(t), "2026-11-22T14:48:28.000123Z");
  EXPECT_EQ(to_sql_timestamp(t), "2026-11-22 14:48:28.000123");
  EXPECT_EQ(to_iso_date(WallTime{-1us}), "1969-12-31");
}

TEST(Clock, civil_dates_are_right_at_leap_days_and_far_away) {
  const auto text = [](std::int64_t days) {
    const CivilDate d = civil_from_days(days);
    return std::to_string(d.year) + "-" + std::to_string(d.month) + "-" + std::to_string(d.day);
  };

  EXPECT_EQ(text(0), "1970-1-1");
  EXPECT_EQ(text(11016), "2000-2-29");
  EXPECT_EQ(text(-719468), "0-3-1");
  EXPECT_EQ(text(106751991), "294247-1-10");
}

}  // namespace
}  // namespace millrace
