#include "transform/run/seed_values.h"

#include <fmt/format.h>

#include <array>

#include "base/words.h"

namespace millrace::transform {
namespace {

bool digit(char c) { return c >= '0' && c <= '9'; }

/// Reads from the front of a text.
class Scan {
 public:
  explicit Scan(std::string_view text) : rest_(text) {}
  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  /// `least` to `most` digits.
  std::optional<int> number(std::size_t least, std::size_t most) {
    std::size_t n = 0;
    int value = 0;
    while (n < most && n < rest_.size() && digit(rest_[n])) value = value * 10 + (rest_[n++] - '0');
    if (n < least) return std::nullopt;
    rest_.remove_prefix(n);
    return value;
  }
  std::string_view digits() {
    std::size_t n = 0;
    while (n < rest_.size() && digit(rest_[n])) ++n;
    const std::string_view out = rest_.substr(0, n);
    rest_.remove_prefix(n);
    return out;
  }
  [[nodiscard]] bool done() const { return rest_.empty(); }
  [[nodiscard]] char front() const { return rest_.empty() ? '\0' : rest_.front(); }

 private:
  std::string_view rest_;
};

struct Day {
  int year = 0, month = 0, day = 0;
};

bool exists(const Day& d) {
  static constexpr std::array kDays{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (d.year < 1 || d.month < 1 || d.month > 12 || d.day < 1) return false;
  const bool leap = (d.year % 4 == 0 && d.year % 100 != 0) || d.year % 400 == 0;
  return d.day <= kDays[static_cast<std::size_t>(d.month - 1)] + (leap && d.month == 2 ? 1 : 0);
}

/// `loose`: months and days may have one digit. `basic`: 20180701 is a date too.
std::optional<Day> take_day(Scan& scan, bool loose, bool basic) {
  Day out;
  const auto year = scan.number(4, 4);
  if (!year) return std::nullopt;
  out.year = *year;
  const bool dashes = scan.take('-');
  if (!dashes && !basic) return std::nullopt;
  const std::size_t least = loose ? 1 : 2;
  const auto month = scan.number(least, 2);
  if (!month || (dashes && !scan.take('-'))) return std::nullopt;
  const auto day = scan.number(least, 2);
  if (!day) return std::nullopt;
  out.month = *month;
  out.day = *day;
  return exists(out) ? std::optional(out) : std::nullopt;
}

std::string text_of(const Day& d) { return fmt::format("{:04}-{:02}-{:02}", d.year, d.month, d.day); }

/// "Z", "+02", "+0200", "+02:00", or nothing; nullopt: something else.
std::optional<std::string> take_zone(Scan& scan) {
  if (scan.done()) return "";
  if (scan.take('Z')) return "+00:00";
  const char sign = scan.front();
  if (!scan.take('+') && !scan.take('-')) return std::nullopt;
  const auto hours = scan.number(2, 2);
  if (!hours) return std::nullopt;
  int minutes = 0;
  if (!scan.done()) {
    scan.take(':');
    const auto read = scan.number(2, 2);
    if (!read) return std::nullopt;
    minutes = *read;
  }
  if (*hours > 23 || minutes > 59) return std::nullopt;
  return fmt::format("{}{:02}:{:02}", sign, *hours, minutes);
}

bool is_time(int hour, int minute, int second) { return hour <= 23 && minute <= 59 && second <= 59; }

/// Signs of money are no part of a number.
std::string_view without_signs(std::string_view text) {
  static constexpr std::array<std::string_view, 10> kSigns{"$", "€", "£", "¥", "¢", "₹", "₽", "₩", "₪", "₫"};
  for (bool again = true; again;) {
    again = false;
    for (const std::string_view sign : kSigns) {
      if (text.starts_with(sign)) {
        text.remove_prefix(sign.size());
        again = true;
      }
      if (text.ends_with(sign)) {
        text.remove_suffix(sign.size());
        again = true;
      }
    }
  }
  return text;
}

int width_of(std::string_view digits, bool negative) {
  while (digits.size() > 1 && digits.front() == '0') digits.remove_prefix(1);
  const auto within = [&](std::string_view most) {
    return digits.size() < most.size() || (digits.size() == most.size() && digits <= most);
  };
  if (within(negative ? "2147483648" : "2147483647")) return 32;
  if (within(negative ? "9223372036854775808" : "9223372036854775807")) return 64;
  return within("170141183460469231731687303715884105727") ? 128 : 256;
}

/// Digits, a point and an exponent, taken apart.
struct Parts {
  std::string whole, fraction;
  int exponent = 0;
};

std::optional<Parts> parts_of(std::string_view text) {
  Parts out;
  Scan scan(text);
  out.whole = scan.digits();
  if (scan.take('.')) out.fraction = scan.digits();
  if (out.whole.empty() && out.fraction.empty()) return std::nullopt;
  if (scan.take('e') || scan.take('E')) {
    const bool negative = scan.front() == '-';
    if (!negative) scan.take('+');
    if (negative) scan.take('-');
    const auto exponent = scan.number(1, 3);
    if (!exponent) return std::nullopt;
    out.exponent = negative ? -*exponent : *exponent;
  }
  return scan.done() ? std::optional(out) : std::nullopt;
}

/// The point where it belongs, without an exponent.
void shift(Parts& p) {
  for (; p.exponent > 0; --p.exponent) {
    p.whole += p.fraction.empty() ? '0' : p.fraction.front();
    if (!p.fraction.empty()) p.fraction.erase(0, 1);
  }
  for (; p.exponent < 0; ++p.exponent) {
    p.fraction.insert(p.fraction.begin(), p.whole.empty() ? '0' : p.whole.back());
    if (!p.whole.empty()) p.whole.pop_back();
  }
  while (!p.fraction.empty() && p.fraction.back() == '0') p.fraction.pop_back();
  const std::size_t zeros = std::min(p.whole.find_first_not_of('0'), p.whole.size());
  p.whole.erase(0, zeros);
  if (p.whole.empty()) p.whole = "0";
}

}  // namespace

bool seed_null(std::string_view value) {
  value = trimmed(value);
  return value.empty() || (value.size() == 4 && to_lower_ascii(value) == "null");
}

std::optional<SeedNumber> seed_number(std::string_view value) {
  while (value.starts_with('%')) value.remove_prefix(1);
  while (value.ends_with('%')) value.remove_suffix(1);
  const bool negative = value.starts_with('-');
  if (negative) value.remove_prefix(1);
  value = without_signs(value);
  if (!negative && value.starts_with('+')) value.remove_prefix(1);
  if (value.empty()) return std::nullopt;
  if (!digit(value.front()) && value.front() != '.') {
    const std::string word = to_lower_ascii(value);
    if (word != "nan" && word != "inf" && word != "infinity") return std::nullopt;
    return SeedNumber{(negative ? "-" : "") + word, true, 256};
  }
  std::string plain;
  for (const char c : value)
    if (c != ',') plain += c;
  auto parts = parts_of(plain);
  if (!parts) return std::nullopt;
  SeedNumber out;
  if (parts->exponent > 40 || parts->exponent < -40) {  // not to be written out
    out.text = (negative ? "-" : "") + plain;
    out.fraction = true;
    return out;
  }
  shift(*parts);
  out.fraction = !parts->fraction.empty();
  out.width = width_of(parts->whole, negative);
  out.text = (negative ? "-" : "") + parts->whole + (out.fraction ? "." + parts->fraction : "");
  return out;
}

std::optional<std::string> seed_date(std::string_view value) {
  Scan scan(value);
  const auto day = take_day(scan, true, false);
  return day && scan.done() ? std::optional(text_of(*day)) : std::nullopt;
}

std::optional<std::string> seed_timestamp(std::string_view value) {
  Scan scan(value);
  const auto day = take_day(scan, true, false);
  if (!day || !scan.take(' ')) return std::nullopt;
  while (scan.take(' ')) {
  }
  const auto hour = scan.number(1, 2);
  if (!hour || !scan.take(':')) return std::nullopt;
  const auto minute = scan.number(1, 2);
  if (!minute || !scan.take(':')) return std::nullopt;
  const auto second = scan.number(1, 2);
  if (!second || !scan.done() || !is_time(*hour, *minute, *second)) return std::nullopt;
  return fmt::format("{} {:02}:{:02}:{:02}", text_of(*day), *hour, *minute, *second);
}

std::optional<std::string> seed_iso_timestamp(std::string_view value) {
  Scan scan(value);
  const auto day = take_day(scan, false, true);
  if (!day || !scan.take('T')) return std::nullopt;
  const auto hour = scan.number(2, 2);
  if (!hour) return std::nullopt;
  int minute = 0, second = 0;
  std::string fraction;
  const bool colons = scan.take(':');
  if (const auto read = scan.number(2, 2)) {
    minute = *read;
    if ((colons && scan.take(':')) || (!colons && digit(scan.front()))) {
      const auto seconds = scan.number(2, 2);
      if (!seconds) return std::nullopt;
      second = *seconds;
      if (scan.take('.') || scan.take(',')) {
        fraction = "." + std::string(scan.digits());
        if (fraction.size() == 1) return std::nullopt;
      }
    }
  } else if (colons) {
    return std::nullopt;
  }
  const auto zone = take_zone(scan);
  if (!zone || !scan.done() || !is_time(*hour, minute, second)) return std::nullopt;
  return fmt::format("{} {:02}:{:02}:{:02}{}{}", text_of(*day), *hour, minute, second, fraction.substr(0, 7), *zone);
}

std::optional<std::string> seed_boolean(std::string_view value) {
  if (value.size() != 4 && value.size() != 5) return std::nullopt;
  std::string word = to_lower_ascii(value);
  if (word != "true" && word != "false") return std::nullopt;
  return word;
}

}  // namespace millrace::transform
