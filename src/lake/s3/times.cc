#include "lake/s3/times.h"

#include <array>
#include <charconv>

namespace millrace::lake::s3 {
namespace {

/// Takes digits off the front; -1 where there is none, or more than `most`.
int take_number(std::string_view& text, std::size_t most) {
  int value = -1;
  std::size_t n = 0;
  while (n < text.size() && n < most && text[n] >= '0' && text[n] <= '9') ++n;
  std::from_chars(text.data(), text.data() + n, value);
  text.remove_prefix(n);
  return value;
}

bool take(std::string_view& text, std::string_view wanted) {
  if (!text.starts_with(wanted)) return false;
  text.remove_prefix(wanted.size());
  return true;
}

std::optional<WallTime> time_of(int year, int month, int day, int hour, int minute, int second) {
  using namespace std::chrono;
  const year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                            std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok() || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60)
    return std::nullopt;
  return WallTime{sys_days{date} + hours{hour} + minutes{minute} + seconds{second}};
}

int month_named(std::string_view name) {
  constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  for (std::size_t m = 0; m < kMonths.size(); ++m)
    if (kMonths.at(m) == name) return static_cast<int>(m) + 1;
  return 0;
}

}  // namespace

std::optional<WallTime> parse_http_date(std::string_view text) {
  const auto comma = text.find(", ");
  if (comma == std::string_view::npos) return std::nullopt;
  text.remove_prefix(comma + 2);
  const int day = take_number(text, 2);
  if (!take(text, " ")) return std::nullopt;
  const int month = month_named(text.substr(0, 3));
  if (month == 0) return std::nullopt;
  text.remove_prefix(3);
  if (!take(text, " ")) return std::nullopt;
  const int year = take_number(text, 4);
  if (!take(text, " ")) return std::nullopt;
  const int hour = take_number(text, 2);
  if (!take(text, ":")) return std::nullopt;
  const int minute = take_number(text, 2);
  if (!take(text, ":")) return std::nullopt;
  const int second = take_number(text, 2);
  if (text != " GMT") return std::nullopt;
  return time_of(year, month, day, hour, minute, second);
}

std::optional<WallTime> parse_listed_time(std::string_view text) {
  const int year = take_number(text, 4);
  if (!take(text, "-")) return std::nullopt;
  const int month = take_number(text, 2);
  if (!take(text, "-")) return std::nullopt;
  const int day = take_number(text, 2);
  if (!take(text, "T")) return std::nullopt;
  const int hour = take_number(text, 2);
  if (!take(text, ":")) return std::nullopt;
  const int minute = take_number(text, 2);
  if (!take(text, ":")) return std::nullopt;
  const int second = take_number(text, 2);
  auto time = time_of(year, month, day, hour, minute, second);
  if (!time) return std::nullopt;
  if (take(text, ".")) {
    std::int64_t micros = 0;
    int digits = 0;
    for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; text.remove_prefix(1), ++digits)
      if (digits < 6) micros = micros * 10 + (text.front() - '0');
    for (int d = digits; d < 6; ++d) micros *= 10;
    *time += std::chrono::microseconds{micros};
  }
  return text == "Z" ? time : std::nullopt;
}

}  // namespace millrace::lake::s3
