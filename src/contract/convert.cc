#include "contract/convert.h"

#include <charconv>
#include <cmath>

#include "base/words.h"

namespace millrace {

std::optional<std::int64_t> to_int64(std::string_view text) {
  const bool negative = !text.empty() && text.front() == '-';
  const std::string_view digits = text.substr(negative ? 1 : 0);
  if (digits.empty()) return std::nullopt;
  if (digits.size() <= 18) {  // cannot overflow: the usual case, without the checks
    std::int64_t value = 0;
    for (char c : digits) {
      const auto digit = static_cast<unsigned char>(c - '0');
      if (digit > 9) return std::nullopt;
      value = value * 10 + digit;
    }
    return negative ? -value : value;
  }
  std::int64_t value = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (ec != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<std::int64_t> to_decimal(std::string_view text, unsigned precision, unsigned scale) {
  const bool negative = !text.empty() && text.front() == '-';
  if (negative) text.remove_prefix(1);
  const auto point = text.find('.');
  std::string_view whole = text.substr(0, point);
  std::string_view part = point == std::string_view::npos ? std::string_view{} : text.substr(point + 1);
  if (whole.empty() || (point != std::string_view::npos && part.empty())) return std::nullopt;
  while (whole.size() > 1 && whole.front() == '0') whole.remove_prefix(1);
  if (part.size() > scale || whole.size() > precision - scale + (whole == "0" ? 1 : 0)) return std::nullopt;
  std::int64_t value = 0;
  for (const std::string_view digits : {whole, part}) {
    for (char c : digits) {
      const auto digit = static_cast<unsigned char>(c - '0');
      if (digit > 9) return std::nullopt;
      value = value * 10 + digit;
    }
  }
  for (std::size_t i = part.size(); i < scale; ++i) value *= 10;
  return negative ? -value : value;
}

std::optional<double> to_float64(std::string_view text) {
  double value = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (ec != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<bool> to_boolean(std::string_view text) {
  if (text.size() == 4 && to_lower_ascii(text) == "true") return true;
  if (text.size() == 5 && to_lower_ascii(text) == "false") return false;
  return std::nullopt;
}

}  // namespace millrace
