#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "jinja/characters.h"
#include "jinja/lexer.h"
#include "jinja/numbers.h"

namespace millrace::jinja {
namespace {

Error bad_escape(std::string_view escape, std::string_view expected) {
  return {ErrorKind::invalid_input,
          fmt::format("found {}, expected {}", escape, expected),
          "write \\\\ for a backslash",
          {}};
}

/// \xNN, \uNNNN, \UNNNNNNNN: `digits` hex digits at the start of `rest`.
Result<std::uint32_t> hex_code(std::string_view rest, std::size_t digits, char letter) {
  std::uint32_t code = 0;
  const std::string_view hex = rest.substr(0, digits);
  const auto [end, ec] = std::from_chars(hex.data(), hex.data() + hex.size(), code, 16);
  const bool whole = hex.size() == digits && ec == std::errc{} && end == hex.data() + hex.size();
  if (!whole) return bad_escape(fmt::format("\\{}", letter), fmt::format("{} hex digits after it", digits));
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
    return bad_escape(fmt::format("\\{}{}", letter, hex), "a Unicode character");
  return code;
}

void append_octal(std::string& out, std::string_view& rest) {
  std::uint32_t code = 0;
  for (int i = 0; i < 3 && !rest.empty() && rest.front() >= '0' && rest.front() <= '7'; ++i) {
    code = code * 8 + static_cast<std::uint32_t>(rest.front() - '0');
    rest.remove_prefix(1);
  }
  append_code_point(out, code);
}

/// One escape; `rest` starts after the backslash and is moved past the escape.
Status append_escape(std::string& out, std::string_view& rest) {
  static constexpr std::string_view kLetters = "ntr\\'\"abfv\n", kMeaning = "\n\t\r\\'\"\a\b\f\v";
  const char c = rest.front();
  if (c >= '0' && c <= '7') {
    append_octal(out, rest);
    return ok();
  }
  rest.remove_prefix(1);
  if (c == 'x' || c == 'u' || c == 'U') {
    const std::size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : 8;
    MR_TRY(const std::uint32_t code, hex_code(rest, digits, c));
    rest.remove_prefix(digits);
    append_code_point(out, code);
    return ok();
  }
  if (c == 'N') return Error{ErrorKind::unsupported, "found \\N, which Millrace does not know", "write \\uNNNN", {}};
  const std::size_t at = kLetters.find(c);
  if (at == std::string_view::npos) {
    // Python keeps an escape it does not know; regular expressions such as '\d+' lean on that.
    out += '\\';
    out += c;
  } else if (at < kMeaning.size()) {
    out += kMeaning[at];
  }
  return ok();
}

}  // namespace

Result<std::string> unescaped(std::string_view literal) {
  std::string_view rest = literal.substr(1, literal.size() - 2);
  std::string out;
  out.reserve(rest.size());
  while (!rest.empty()) {
    const char c = rest.front();
    rest.remove_prefix(1);
    if (c == '\\' && !rest.empty()) {
      MR_CHECK(append_escape(out, rest));
    } else {
      out += c;
    }
  }
  return out;
}

Result<Value> number_value(std::string_view literal) {
  std::string digits(literal);
  digits.erase(std::remove(digits.begin(), digits.end(), '_'), digits.end());
  int base = 10;
  std::size_t from = 0;
  if (digits.size() > 2 && digits[0] == '0') {
    const char mark = static_cast<char>(digits[1] | 0x20);
    base = mark == 'x' ? 16 : mark == 'o' ? 8 : mark == 'b' ? 2 : 10;
    from = base == 10 ? 0 : 2;
  }
  const char* end = digits.data() + digits.size();
  if (base == 10 && digits.find_first_of(".eE") != std::string::npos) {
    if (const auto number = read_real(digits)) return Value(*number);
  } else {
    std::int64_t number = 0;
    const auto [at, ec] = std::from_chars(digits.data() + from, end, number, base);
    if (ec == std::errc{} && at == end) return Value(number);
  }
  return Error{ErrorKind::invalid_input,
               fmt::format("found the number {}, expected one of 64 bits", literal.substr(0, 60)),
               {},
               {}};
}

}  // namespace millrace::jinja
