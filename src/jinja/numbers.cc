#include "jinja/numbers.h"

#include <charconv>
#include <limits>
#include <string>

#include "base/words.h"
#include "jinja/characters.h"

namespace millrace::jinja {
namespace {

/// Without blanks, sign and underscores; empty where an underscore is not between two digits.
std::string plain_digits(std::string_view text, bool& negative) {
  text = stripped(text);
  negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text.empty() || text.front() == '_' || text.back() == '_' || text.find("__") != std::string_view::npos) return {};
  if (text.front() == '-' || text.front() == '+') return {};
  std::string out;
  for (const char c : text)
    if (c != '_') out += c;
  return out;
}

}  // namespace

std::optional<std::int64_t> read_integer(std::string_view text, int base) {
  bool negative = false;
  std::string digits = to_lower_ascii(plain_digits(text, negative));
  const auto marked = [&](std::string_view mark, int of) {
    return digits.starts_with(mark) && (base == of || base == 0);
  };
  const int marked_base = marked("0x", 16) ? 16 : marked("0o", 8) ? 8 : marked("0b", 2) ? 2 : 0;
  if (marked_base != 0) {
    digits.erase(0, 2);
    base = marked_base;
  }
  if (base == 0) base = 10;
  // With the sign in front, so that the smallest integer can be read too.
  const std::string number = (negative ? "-" : "") + digits;
  std::int64_t out = 0;
  const auto [end, ec] = std::from_chars(number.data(), number.data() + number.size(), out, base);
  if (digits.empty() || ec != std::errc{} || end != number.data() + number.size()) return std::nullopt;
  return out;
}

std::optional<double> read_real(std::string_view text) {
  bool negative = false;
  const std::string digits = to_lower_ascii(plain_digits(text, negative));
  double out = 0;
  if (digits.empty()) return std::nullopt;
  const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
  if (end != digits.data() + digits.size() || digits.find('(') != std::string::npos) return std::nullopt;
  if (ec == std::errc::result_out_of_range) {
    const bool tiny = digits.find("e-") != std::string::npos;
    out = tiny ? 0.0 : std::numeric_limits<double>::infinity();
  } else if (ec != std::errc{}) {
    return std::nullopt;
  }
  return negative ? -out : out;
}

}  // namespace millrace::jinja
