#include "serve/response_head.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "serve/problem.h"

namespace millrace::serve {
namespace {

void append_count(std::string& out, std::size_t count) {
  std::array<char, 20> digits;
  out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), count).ptr);
}

}  // namespace

void append_head(std::string& out, const Response& response, std::string_view date, After after) {
  out += "HTTP/1.1 ";
  append_count(out, static_cast<std::size_t>(response.status));
  out.append(" ").append(reason_phrase(response.status));
  out.append("\r\nDate: ").append(date);
  if (!response.content_type.empty()) {
    out.append("\r\nContent-Type: ").append(response.content_type).append("\r\nContent-Length: ");
    append_count(out, response.body.size());
  }
  out += "\r\nCache-Control: no-cache\r\nX-Content-Type-Options: nosniff\r\n";
  out += response.headers;
  if (after == After::close) out += "Connection: close\r\n";
  if (after == After::keep_http_1_0) out += "Connection: keep-alive\r\n";
  out += "\r\n";
}

std::string http_date(WallTime time) {
  static constexpr std::array<const char*, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array<const char*, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto days = std::chrono::floor<std::chrono::days>(time);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time - days).count();
  const CivilDate d = civil_from_days(days.time_since_epoch().count());
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[std::chrono::weekday(days).c_encoding()], d.day,
                     kMonths[d.month - 1], d.year, seconds / 3600, seconds / 60 % 60, seconds % 60);
}

}  // namespace millrace::serve
