#pragma once
/// \file contract/time_layout.h
/// The quick way to read a date or time whose characters stand at fixed places, which is nearly every
/// one: a few words are compared at once, and the calendar is arithmetic. What it cannot read is not
/// therefore wrong: the caller asks the full reader then.

#include <array>
#include <cstdint>
#include <string_view>

#include "contract/swar.h"

namespace millrace {

/// Is it a day of the Gregorian calendar, in the years 0001 to 9999?
inline bool is_civil_day(unsigned year, unsigned month, unsigned day) {
  constexpr std::array<std::uint8_t, 16> kDays{0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 0, 0, 0};
  if (year - 1 > 9998 || month > 12 || day == 0) return false;
  if (day <= kDays[month]) return true;
  return month == 2 && day == 29 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/// Days since 1970-01-01. Requires: is_civil_day. Source: Hinnant, days_from_civil.
inline std::int32_t civil_days(unsigned year, unsigned month, unsigned day) {
  const unsigned y = month <= 2 ? year - 1 : year;
  const unsigned day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  return static_cast<std::int32_t>(y * 365 + y / 4 - y / 100 + y / 400 + day_of_year) - 719468;
}

inline constexpr std::int64_t kMicrosPerSecond = 1'000'000;
inline constexpr std::int64_t kMicrosPerDay = 86'400 * kMicrosPerSecond;

/// Threads: safe to share.
class TimeLayout {
 public:
  static constexpr std::size_t kLeast = 8, kMost = 24;

  /// Sets the next character of the layout. False: the layout is full.
  bool literal(char c);
  bool unit(char letter, unsigned digits);  ///< 'y' 'M' 'd' 'H' 'm' 's'
  /// Behind the rest: `mark` and one to `most` digits. `optional`: it may be missing.
  void fraction(char mark, unsigned most, bool optional);
  /// False: not of a length, or not of parts, that can be read this way.
  bool finish();

  /// Microseconds since the epoch. False: not of this layout, or no such time.
  bool timestamp(std::string_view text, std::int64_t& micros) const;
  /// Days since the epoch. Requires: a layout without time.
  bool date(std::string_view text, std::int32_t& days) const;

 private:
  static constexpr std::uint8_t kAbsent = 0xff;
  static unsigned two(const char* p);
  // Inlined into their two callers: as calls they would cost as much as what they do.
  [[gnu::always_inline, nodiscard]] inline bool fits(const char* p) const;
  [[gnu::always_inline]] inline bool read_fraction(std::string_view text, std::int64_t& micros) const;
  [[gnu::always_inline]] inline bool read_day(const char* p, std::int32_t& days) const;

  std::array<char, kMost> template_{};             // '0' where a digit stands
  std::array<std::uint64_t, 3> want_{}, slack_{};  // the template as words; what a byte may differ by
  std::array<std::uint8_t, 3> word_at_{};
  std::uint8_t words_ = 0, width_ = 0;
  std::uint8_t year_ = kAbsent, month_ = kAbsent, day_ = kAbsent;
  std::uint8_t hour_ = kAbsent, minute_ = kAbsent, second_ = kAbsent;
  char fraction_mark_ = 0;
  std::uint8_t fraction_digits_ = 0;  // 0: no fraction
  bool fraction_optional_ = false;
};

inline unsigned TimeLayout::two(const char* p) { return static_cast<unsigned>((p[0] - '0') * 10 + (p[1] - '0')); }

inline bool TimeLayout::fits(const char* p) const {
  const auto wrong = [&](unsigned i) {
    const std::uint64_t differs = swar::load8(p + word_at_[i]) ^ want_[i];
    return (differs + slack_[i]) | differs;
  };
  return ((wrong(0) | wrong(1) | wrong(2)) & swar::kHighBits) == 0;
}

inline bool TimeLayout::read_fraction(std::string_view text, std::int64_t& micros) const {
  if (text.empty()) return fraction_digits_ == 0 || fraction_optional_;
  const std::size_t digits = text.size() - 1;
  if (text[0] != fraction_mark_ || digits == 0 || digits > fraction_digits_) return false;
  std::uint64_t value = 0;
  if (!swar::digits(text.data() + 1, digits, value)) return false;
  static constexpr std::array<std::int64_t, 7> kUnit{0, 100'000, 10'000, 1'000, 100, 10, 1};
  micros += static_cast<std::int64_t>(value) * kUnit[digits];
  return true;
}

inline bool TimeLayout::read_day(const char* p, std::int32_t& days) const {
  const unsigned year = two(p + year_) * 100 + two(p + year_ + 2), month = two(p + month_), day = two(p + day_);
  if (!is_civil_day(year, month, day)) return false;
  days = civil_days(year, month, day);
  return true;
}

// In the loop over a column, where the call would cost as much again.
[[gnu::always_inline]] inline bool TimeLayout::timestamp(std::string_view text, std::int64_t& micros) const {
  const char* p = text.data();
  std::int32_t days = 0;
  if (text.size() < width_ || !fits(p) || !read_day(p, days)) return false;
  std::int64_t time = 0;
  if (hour_ != kAbsent) {
    const unsigned hour = two(p + hour_), minute = two(p + minute_), second = two(p + second_);
    if (hour > 23 || minute > 59 || second > 59) return false;
    time = ((hour * 60 + minute) * 60 + second) * kMicrosPerSecond;
  }
  if (!read_fraction(text.substr(width_), time)) return false;
  micros = days * kMicrosPerDay + time;
  return true;
}

}  // namespace millrace
