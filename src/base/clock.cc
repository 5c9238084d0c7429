#include "base/clock.h"

#include <fmt/format.h>

namespace millrace {
namespace {

class SystemClock final : public Clock {
 public:
  WallTime now() const override {
    return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
  }
  SteadyTime steady() const override { return std::chrono::steady_clock::now(); }
};

std::string date_and_time(WallTime time, char between) {
  const auto days = std::chrono::floor<std::chrono::days>(time);
  const CivilDate d = civil_from_days(days.time_since_epoch().count());
  const auto us = (time - days).count();
  return fmt::format("{:04}-{:02}-{:02}{}{:02}:{:02}:{:02}.{:06}", d.year, d.month, d.day, between, us / 3600000000LL,
                     us / 60000000 % 60, us / 1000000 % 60, us % 1000000);
}

}  // namespace

const Clock& system_clock() {
  static const SystemClock clock;
  return clock;
}

CivilDate civil_from_days(std::int64_t days) {
  // Howard Hinnant, "chrono-compatible low-level date algorithms": exact for all 64-bit day counts
  // we can meet; std::chrono::year stops at 32767, DuckDB's dates do not.
  days += 719468;
  const std::int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const auto doe = static_cast<unsigned>(days - era * 146097);
  const unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  const unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  const unsigned mp = (5 * doy + 2) / 153;
  const unsigned month = mp < 10 ? mp + 3 : mp - 9;
  return {static_cast<std::int64_t>(yoe) + era * 400 + (month <= 2 ? 1 : 0), month, doy - (153 * mp + 2) / 5 + 1};
}

std::string to_iso8601(WallTime time) { return date_and_time(time, 'T') + "Z"; }
std::string to_sql_timestamp(WallTime time) { return date_and_time(time, ' '); }
std::string to_iso_date(WallTime time) { return date_and_time(time, ' ').substr(0, 10); }

}  // namespace millrace
