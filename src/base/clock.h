#pragma once
/// \file base/clock.h
/// Time is handed down, so that a test can stop it, jump it or run ten years in a second.

#include <chrono>
#include <string>

namespace millrace {

using WallTime = std::chrono::sys_time<std::chrono::microseconds>;
using SteadyTime = std::chrono::steady_clock::time_point;

/// Threads: safe to share.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual WallTime now() const = 0;       ///< UTC; may jump
  [[nodiscard]] virtual SteadyTime steady() const = 0;  ///< for durations; never goes back
};

/// The machine's clocks.
const Clock& system_clock();

/// "2026-11-22T14:48:28.000123Z"
std::string to_iso8601(WallTime time);
/// "2026-11-22"
std::string to_iso_date(WallTime time);
/// "2026-11-22 14:48:28.000123", as SQL engines read it.
std::string to_sql_timestamp(WallTime time);

/// Calendar date of a count of days since 1970-01-01 (proleptic Gregorian).
struct CivilDate {
  std::int64_t year;
  unsigned month, day;
};
CivilDate civil_from_days(std::int64_t days);

}  // namespace millrace
