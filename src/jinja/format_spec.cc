#include "jinja/format_spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/words.h"
#include "jinja/characters.h"
#include "jinja/print.h"
#include "jinja/text.h"

namespace millrace::jinja {
namespace {

constexpr std::int64_t kMostDigits = 400;

/// A number in parts, so that padding and grouping can go between them.
struct Parts {
  std::string sign, prefix, whole, rest;
};

bool is_align(char c) { return c == '<' || c == '>' || c == '^' || c == '='; }

Error bad_spec(std::string_view spec) {
  return {ErrorKind::invalid_input,
          fmt::format("found the format '{}', expected one such as >10, 05d or .2f", printable(spec, 60)),
          {},
          {}};
}

Error no_fit(const Value& v, char type) {
  return {ErrorKind::invalid_input, fmt::format("found {} for the format {}", v.type_name(), type), {}, {}};
}

/// Reads digits at the front; false if they are too many to be a width.
bool take_number(std::string_view& spec, std::int64_t& out) {
  const auto [end, ec] = std::from_chars(spec.data(), spec.data() + spec.size(), out);
  if (ec != std::errc{}) return false;
  spec.remove_prefix(static_cast<std::size_t>(end - spec.data()));
  return true;
}

bool starts_with_digit(std::string_view s) { return !s.empty() && s.front() >= '0' && s.front() <= '9'; }

std::string grouped(const std::string& digits, char separator, std::size_t size) {
  if (separator == 0) return digits;
  std::string out = digits;
  for (std::size_t i = digits.size(); i > size;) out.insert(i -= size, 1, separator);
  return out;
}

Parts integer_parts(std::int64_t number, const FormatSpec& spec) {
  // The magnitude of the smallest integer has no int64.
  const std::uint64_t magnitude =
      number < 0 ? 0 - static_cast<std::uint64_t>(number) : static_cast<std::uint64_t>(number);
  Parts out;
  out.sign = number < 0 ? "-" : spec.sign == '-' ? "" : std::string(1, spec.sign);
  switch (spec.type) {
    case 'x': out.whole = fmt::format("{:x}", magnitude); break;
    case 'X': out.whole = fmt::format("{:X}", magnitude); break;
    case 'o': out.whole = fmt::format("{:o}", magnitude); break;
    case 'b': out.whole = fmt::format("{:b}", magnitude); break;
    default: out.whole = fmt::format("{}", magnitude); break;
  }
  const bool decimal = spec.type == 0 || spec.type == 'd';
  if (spec.alternate && !decimal) out.prefix = std::string("0") + spec.type;
  out.whole = grouped(out.whole, spec.grouping, decimal ? 3 : 4);
  return out;
}

std::string magnitude_text(double magnitude, const FormatSpec& spec) {
  const auto precision = static_cast<int>(std::min(spec.precision < 0 ? 6 : spec.precision, kMostDigits));
  switch (spec.type) {
    case 'e': return fmt::format("{:.{}e}", magnitude, precision);
    case 'E': return fmt::format("{:.{}E}", magnitude, precision);
    case 'g': return fmt::format("{:.{}g}", magnitude, precision);
    case 'G': return fmt::format("{:.{}G}", magnitude, precision);
    case '%': return fmt::format("{:.{}f}", magnitude * 100, precision);
    case 0: break;
    default: return fmt::format("{:.{}f}", magnitude, precision);
  }
  if (spec.precision < 0) return float_text(magnitude);
  const std::string out = fmt::format("{:.{}g}", magnitude, precision);
  return out.find_first_of(".en") == std::string::npos ? out + ".0" : out;
}

Parts real_parts(double number, const FormatSpec& spec) {
  Parts out;
  out.sign = std::signbit(number) && !std::isnan(number) ? "-" : spec.sign == '-' ? "" : std::string(1, spec.sign);
  const std::string text = magnitude_text(std::fabs(number), spec);
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  out.whole = grouped(text.substr(0, digits), spec.grouping, 3);
  out.rest = text.substr(digits);
  if (spec.type == '%') out.rest += '%';
  return out;
}

Result<std::string> number(const Value& v, const FormatSpec& spec, Meter& meter) {
  static constexpr std::string_view kIntegerTypes = "dxXob", kRealTypes = "eEfFgG%";
  const bool as_integer =
      v.is_integral() && (spec.type == 0 || kIntegerTypes.find(spec.type) != std::string_view::npos);
  const bool as_real = !as_integer && (spec.type == 0 || kRealTypes.find(spec.type) != std::string_view::npos);
  if (!as_integer && !as_real) return no_fit(v, spec.type);
  const Parts p = as_integer ? integer_parts(v.integer(), spec) : real_parts(v.real(), spec);
  const std::string digits = p.whole + p.rest, front = p.sign + p.prefix;
  switch (spec.align) {
    case '=': {
      MR_TRY(const std::string tail,
             padded(digits, spec.width - static_cast<std::int64_t>(front.size()), spec.fill, Side::left, meter));
      return front + tail;
    }
    case '<': return padded(front + digits, spec.width, spec.fill, Side::right, meter);
    case '^': return padded(front + digits, spec.width, spec.fill, Side::both, meter);
    default: return padded(front + digits, spec.width, spec.fill, Side::left, meter);
  }
}

}  // namespace

Result<FormatSpec> parse_format_spec(std::string_view spec) {
  const std::string_view whole = spec;
  FormatSpec out;
  const auto take = [&](std::string_view any_of) -> char {
    if (spec.empty() || any_of.find(spec.front()) == std::string_view::npos) return 0;
    const char c = spec.front();
    spec.remove_prefix(1);
    return c;
  };
  if (!spec.empty()) {
    const std::string_view first = first_character(spec);
    if (spec.size() > first.size() && is_align(spec[first.size()])) {
      out.fill = first;
      spec.remove_prefix(first.size());
    }
  }
  out.align = take("<>^=");
  if (const char sign = take("-+ ")) out.sign = sign;
  out.alternate = take("#") != 0;
  if (starts_with_digit(spec) && take("0") != 0 && out.align == 0) {
    out.fill.assign(1, '0');  // gcc 12 warns of -Wrestrict where a literal is assigned
    out.align = '=';
  }
  if (starts_with_digit(spec) && !take_number(spec, out.width)) return bad_spec(whole);
  out.grouping = take(",_");
  if (take(".") != 0 && (!starts_with_digit(spec) || !take_number(spec, out.precision))) return bad_spec(whole);
  out.type = take("sdxXobeEfFgG%");
  if (!spec.empty()) return bad_spec(whole);
  return out;
}

Result<std::string> formatted(const Value& v, const FormatSpec& spec, Meter& meter) {
  if (v.is_number() && spec.type != 's') return number(v, spec, meter);
  if (spec.type != 0 && spec.type != 's') return no_fit(v, spec.type);
  MR_TRY(std::string text, to_text(v, meter));
  if (spec.precision >= 0) {
    std::string cut;
    std::int64_t left = spec.precision;
    for (std::string_view rest = text; left > 0 && !rest.empty(); --left) {
      const std::string_view c = first_character(rest);
      cut += c;
      rest.remove_prefix(c.size());
    }
    text = std::move(cut);
  }
  const Side side = spec.align == '>' || spec.align == '=' ? Side::left : spec.align == '^' ? Side::both : Side::right;
  return padded(text, spec.width, spec.fill, side, meter);
}

}  // namespace millrace::jinja
