#include "contract/time_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace millrace {

struct TimeFormat::Parts {
  std::int64_t year = 0;
  unsigned month = 1, day = 1, hour = 0, minute = 0, second = 0;
  std::int64_t micros = 0;
};

namespace {

/// `count` digits at the front, taken off; false where they are not all digits.
template <class N>
bool take_digits(std::string_view& text, std::size_t count, N& out) {
  if (text.size() < count) return false;
  N value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto digit = static_cast<unsigned char>(text[i] - '0');
    if (digit > 9) return false;
    value = static_cast<N>(value * 10 + digit);
  }
  text.remove_prefix(count);
  out = value;
  return true;
}

/// One or two digits, as the single letters of a pattern ask for.
bool take_one_or_two(std::string_view& text, unsigned& out) {
  const bool two = text.size() > 1 && text[1] >= '0' && text[1] <= '9';
  return take_digits(text, two ? 2 : 1, out);
}

bool take_unit(std::string_view& text, unsigned digits, unsigned& out) {
  return digits == 1 ? take_one_or_two(text, out) : take_digits(text, 2, out);
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

bool take_fraction(std::string_view& text, std::size_t most, std::int64_t& micros) {
  std::size_t digits = 0;
  std::int64_t value = 0;
  while (digits < most && digits < text.size() && text[digits] >= '0' && text[digits] <= '9')
    value = value * 10 + (text[digits++] - '0');
  if (digits == 0) return false;
  text.remove_prefix(digits);
  for (; digits < 6; ++digits) value *= 10;
  micros = value;
  return true;
}

constexpr std::int64_t kMicrosPerDay = 86'400'000'000;

std::optional<std::int64_t> combine(std::int64_t year, unsigned month, unsigned day, unsigned hour, unsigned minute,
                                    unsigned second, std::int64_t micros) {
  // 24:00 and leap seconds name no instant of a zone-less timestamp (catalogue case 61).
  const auto days = days_from_civil(year, month, day);
  if (!days || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  return *days * kMicrosPerDay + ((hour * 60 + minute) * 60LL + second) * 1'000'000 + micros;
}

bool take_iso_date(std::string_view& text, std::int64_t& year, unsigned& month, unsigned& day) {
  return take_digits(text, 4, year) && take(text, '-') && take_digits(text, 2, month) && take(text, '-') &&
         take_digits(text, 2, day);
}

}  // namespace

std::optional<std::int32_t> days_from_civil(std::int64_t year, unsigned month, unsigned day) {
  static constexpr unsigned kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1) return std::nullopt;
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  if (day > kDays[month - 1] + (month == 2 && leap ? 1 : 0)) return std::nullopt;
  // Hinnant, days_from_civil.
  const std::int64_t y = year - (month <= 2 ? 1 : 0);
  const std::int64_t era = y / 400;
  const auto yoe = static_cast<unsigned>(y - era * 400);
  const unsigned doy = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const unsigned doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
  return static_cast<std::int32_t>(era * 146097 + static_cast<std::int64_t>(doe) - 719468);
}

TimeFormat TimeFormat::iso_timestamp() {
  TimeFormat f;
  f.pattern_ = "yyyy-MM-dd HH:mm:ss[.SSS]";
  f.has_time_ = true;
  return f;
}

TimeFormat TimeFormat::iso_date() {
  TimeFormat f;
  f.pattern_ = "yyyy-MM-dd";
  return f;
}

Result<TimeFormat> TimeFormat::compile(std::string_view pattern) {
  using What = Step::What;
  struct Unit {
    char letter;
    What what;
  };
  static constexpr std::array<Unit, 5> kUnits{
      {{'M', What::month}, {'d', What::day}, {'H', What::hour}, {'m', What::minute}, {'s', What::second}}};
  TimeFormat f;
  f.pattern_ = pattern;
  bool has_day = false, open = false;
  const auto refuse = [&](std::string_view piece) {
    return Error{ErrorKind::invalid_input,
                 fmt::format("format \"{}\": \"{}\" is not understood, expected yyyy MM dd HH mm ss S and literals",
                             pattern, piece),
                 "for example yyyy-MM-dd HH:mm:ss[.SSS] or dd/MM/yyyy",
                 {}};
  };
  for (std::size_t i = 0; i < pattern.size();) {
    const char c = pattern[i];
    std::size_t n = 1;
    while (i + n < pattern.size() && pattern[i + n] == c) ++n;
    const std::string_view piece = pattern.substr(i, n);
    const auto unit =
        std::find_if(kUnits.begin(), kUnits.end(), [&](const Unit& u) { return n <= 2 && u.letter == c; });
    if (piece == "yyyy" || piece == "uuuu") {
      f.steps_.push_back({What::year, 0, 4});
    } else if (unit != kUnits.end()) {
      f.steps_.push_back({unit->what, 0, static_cast<std::uint8_t>(n)});
      has_day = has_day || unit->what == What::day;
      f.has_time_ = f.has_time_ || unit->what >= What::hour;
    } else if (c == 'S' && n <= 6)
      f.steps_.push_back({What::fraction, 0, static_cast<std::uint8_t>(n)});
    else if (c == '[' && n == 1 && !open)
      f.steps_.push_back({What::option}), open = true;
    else if (c == ']' && n == 1 && open && i + 1 == pattern.size())
      open = false;
    else if (c == '\'') {
      const std::size_t end = pattern.find('\'', i + 1);
      if (end == std::string_view::npos || end == i + 1) return refuse(pattern.substr(i));
      for (char l : pattern.substr(i + 1, end - i - 1)) f.steps_.push_back({What::literal, l});
      n = end + 1 - i;
    } else if (c == 'T' || !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '[' || c == ']')) {
      for (std::size_t k = 0; k < n; ++k) f.steps_.push_back({What::literal, c});
    } else {
      return refuse(piece);
    }
    i += n;
  }
  if (open || !has_day) return refuse(open ? "[" : pattern);
  return f;
}

bool TimeFormat::match(std::string_view text, Parts& p) const {
  using What = Step::What;
  for (const Step& step : steps_) {
    switch (step.what) {
      case What::option:
        if (text.empty()) return true;
        break;
      case What::year:
        if (!take_digits(text, step.digits, p.year)) return false;
        break;
      case What::month:
        if (!take_unit(text, step.digits, p.month)) return false;
        break;
      case What::day:
        if (!take_unit(text, step.digits, p.day)) return false;
        break;
      case What::hour:
        if (!take_unit(text, step.digits, p.hour)) return false;
        break;
      case What::minute:
        if (!take_unit(text, step.digits, p.minute)) return false;
        break;
      case What::second:
        if (!take_unit(text, step.digits, p.second)) return false;
        break;
      case What::fraction:
        if (!take_fraction(text, step.digits, p.micros)) return false;
        break;
      case What::literal:
        if (!take(text, step.literal)) return false;
        break;
    }
  }
  return text.empty();
}

std::optional<std::int64_t> TimeFormat::timestamp(std::string_view text) const {
  Parts p;
  if (!steps_.empty()) {
    if (!match(text, p)) return std::nullopt;
  } else {
    if (!take_iso_date(text, p.year, p.month, p.day)) return std::nullopt;
    if (!text.empty()) {
      if (!take(text, ' ') && !take(text, 'T')) return std::nullopt;
      if (!take_digits(text, 2, p.hour) || !take(text, ':') || !take_digits(text, 2, p.minute)) return std::nullopt;
      if (take(text, ':')) {
        if (!take_digits(text, 2, p.second)) return std::nullopt;
        if (take(text, '.') && !take_fraction(text, 6, p.micros)) return std::nullopt;
      }
      if (!text.empty()) return std::nullopt;  // an offset too: it would be dropped (catalogue case 62)
    }
  }
  return combine(p.year, p.month, p.day, p.hour, p.minute, p.second, p.micros);
}

std::optional<std::int32_t> TimeFormat::date(std::string_view text) const {
  Parts p;
  if (steps_.empty() ? !(take_iso_date(text, p.year, p.month, p.day) && text.empty()) : !match(text, p))
    return std::nullopt;
  return days_from_civil(p.year, p.month, p.day);
}

}  // namespace millrace
