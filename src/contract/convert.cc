#include "contract/convert.h"

#include <array>
#include <charconv>
#include <cmath>

#include "base/words.h"
#include "contract/swar.h"

namespace millrace {
namespace {

/// Adds digits to `value`, any number of them. Requires: the caller has counted that they fit.
template <class N>
bool append_digits(std::string_view text, N& value) {
  for (char c : text) {
    const auto digit = static_cast<unsigned char>(c - '0');
    if (digit > 9) return false;
    value = value * 10 + digit;
  }
  return true;
}

template <class N>
std::optional<Int128> decimal_of(std::string_view whole, std::string_view part, unsigned scale, bool negative) {
  N value = 0;
  if (!append_digits(whole, value) || !append_digits(part, value)) return std::nullopt;
  for (std::size_t i = part.size(); i < scale; ++i) value *= 10;
  return negative ? -static_cast<Int128>(value) : static_cast<Int128>(value);
}

/// digits[.digits] of at most 15 digits: an integer below 2^53 divided by a power of ten that is exact,
/// so that the one rounding is the right one. Source: Clinger, "How to read floating point numbers" (1990).
std::optional<double> short_float64(std::string_view text) {
  static constexpr std::array<double, 16> kPowers{1,   1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                  1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
  const auto point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  const std::string_view part = point == std::string_view::npos ? std::string_view{} : text.substr(point + 1);
  if (whole.empty() || whole.size() + part.size() > 15) return std::nullopt;
  std::uint64_t value = 0, behind = 0;
  if (!swar::many_digits(whole.data(), whole.size(), value)) return std::nullopt;
  if (part.empty()) return point == std::string_view::npos ? std::optional(static_cast<double>(value)) : std::nullopt;
  if (!swar::many_digits(part.data(), part.size(), behind)) return std::nullopt;
  const double power = kPowers[part.size()];
  return (static_cast<double>(value) * power + static_cast<double>(behind)) / power;
}

}  // namespace

std::optional<std::int64_t> to_int64(std::string_view text) {
  const bool negative = !text.empty() && text.front() == '-';
  const std::string_view digits = text.substr(negative ? 1 : 0);
  if (digits.empty()) return std::nullopt;
  if (digits.size() <= 16) {
    std::uint64_t value = 0;
    if (!swar::many_digits(digits.data(), digits.size(), value)) return std::nullopt;
    return negative ? -static_cast<std::int64_t>(value) : static_cast<std::int64_t>(value);
  }
  std::int64_t value = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (ec != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<Int128> to_decimal(std::string_view text, unsigned precision, unsigned scale) {
  const bool negative = !text.empty() && text.front() == '-';
  if (negative) text.remove_prefix(1);
  const auto point = text.find('.');
  std::string_view whole = text.substr(0, point);
  const std::string_view part = point == std::string_view::npos ? std::string_view{} : text.substr(point + 1);
  if (whole.empty() || (point != std::string_view::npos && part.empty())) return std::nullopt;
  while (whole.size() > 1 && whole.front() == '0') whole.remove_prefix(1);
  if (part.size() > scale || whole.size() > precision - scale + (whole == "0" ? 1 : 0)) return std::nullopt;
  return precision <= 18 ? decimal_of<std::int64_t>(whole, part, scale, negative)
                         : decimal_of<Int128>(whole, part, scale, negative);
}

std::optional<double> to_float64(std::string_view text) {
  const bool negative = !text.empty() && text.front() == '-';
  if (const auto value = short_float64(text.substr(negative ? 1 : 0))) return negative ? -*value : *value;
  double value = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (ec != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  if (std::fpclassify(value) == FP_SUBNORMAL) return std::nullopt;
  return value;
}

std::optional<bool> to_boolean(std::string_view text) {
  if (text.size() == 4 && to_lower_ascii(text) == "true") return true;
  if (text.size() == 5 && to_lower_ascii(text) == "false") return false;
  return std::nullopt;
}

}  // namespace millrace
