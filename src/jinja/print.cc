#include "jinja/print.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>

#include "jinja/characters.h"

namespace millrace::jinja {
namespace {

bool prints(std::uint32_t c) {
  if (c < 0x20 || (c >= 0x7f && c <= 0xa0) || c == 0xad) return false;
  if ((c >= 0x2000 && c <= 0x200f) || (c >= 0x2028 && c <= 0x202f) || (c >= 0x205f && c <= 0x206f)) return false;
  return c != 0x3000 && c != 0xfeff && !(c >= 0xe000 && c <= 0xf8ff) && !(c >= 0xfff0 && c <= 0xfffb) && c < 0xe0000;
}

void append_quoted(std::string& out, std::string_view text) {
  const bool has_single = text.find('\'') != std::string_view::npos;
  const char quote = has_single && text.find('"') == std::string_view::npos ? '"' : '\'';
  out += quote;
  while (!text.empty()) {
    const std::string_view c = first_character(text);
    text.remove_prefix(c.size());
    const std::uint32_t code = code_point(c);
    if (code == '\\' || code == static_cast<unsigned char>(quote)) {
      out += '\\';
      out += c;
    } else if (code == '\n') {
      out += "\\n";
    } else if (code == '\r') {
      out += "\\r";
    } else if (code == '\t') {
      out += "\\t";
    } else if (prints(code) && (c.size() > 1 || code < 0x80)) {
      out += c;
    } else {
      out += code < 0x100     ? fmt::format("\\x{:02x}", code)
             : code < 0x10000 ? fmt::format("\\u{:04x}", code)
                              : fmt::format("\\U{:08x}", code);
    }
  }
  out += quote;
}

/// Prints into one text, so that the limit on its length also bounds lists that hold one list many times.
class Printer {
 public:
  explicit Printer(Meter& meter) : meter_(&meter) {}
  std::string out;

  Status add(const Value& v, bool as_repr) {
    MR_CHECK(meter_->check_stack());
    switch (v.kind()) {
      case Kind::none: return add("None");
      case Kind::undefined: return add_undefined(v, as_repr);
      case Kind::boolean: return add(v.boolean() ? "True" : "False");
      case Kind::integer: return add(fmt::format_int(v.integer()).str());
      case Kind::real: return add(float_text(v.real()));
      case Kind::text: return as_repr ? add(quoted(v.text())) : add(v.text());
      case Kind::list: return add_row(v.items(), "[", "]");
      case Kind::tuple: return add_row(v.items(), "(", v.items().size() == 1 ? ",)" : ")");
      case Kind::dict: return add_dict(v.dict_entries());
      case Kind::name_space:
        MR_CHECK(add("<Namespace "));
        MR_CHECK(add_dict(v.dict_entries()));
        return add(">");
      case Kind::function: return add(fmt::format("<function {}>", v.function().name));
      case Kind::object: return add(v.object()->to_text());
    }
    return ok();
  }

 private:
  Status add(std::string_view text) {
    MR_CHECK(meter_->spend());
    if (out.size() + text.size() > meter_->limits().output_bytes)
      MR_CHECK(meter_->spend_text(out.size() + text.size()));
    out += text;
    return ok();
  }

  Status add_undefined(const Value& v, bool as_repr) {
    if (v.absence().mode == Missing::strict) return Error{ErrorKind::invalid_input, v.absence().message(), {}, {}};
    return add(as_repr ? "Undefined" : "");
  }

  Status add_row(const std::vector<Value>& items, std::string_view open, std::string_view close) {
    MR_CHECK(add(open));
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (i != 0) MR_CHECK(add(", "));
      MR_CHECK(add(items[i], true));
    }
    return add(close);
  }

  Status add_dict(const Dict& dict) {
    MR_CHECK(add("{"));
    bool first = true;
    for (const Dict::Entry& e : dict.entries()) {
      if (!first) MR_CHECK(add(", "));
      first = false;
      MR_CHECK(add(e.key, true));
      MR_CHECK(add(": "));
      MR_CHECK(add(e.value, true));
    }
    return add("}");
  }

  Meter* meter_;  // borrows; outlives us
};

Result<std::string> printed(const Value& v, bool as_repr, Meter& meter) {
  if (v.is(Kind::text) && !as_repr) return v.text();
  Printer printer(meter);
  MR_CHECK(printer.add(v, as_repr));
  MR_CHECK(meter.spend_text(printer.out.size()));
  return std::move(printer.out);
}

}  // namespace

std::string float_text(double number) {
  if (std::isnan(number)) return "nan";
  if (std::isinf(number)) return number < 0 ? "-inf" : "inf";
  std::array<char, 64> buffer{};
  const auto [end, ec] =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, std::chars_format::scientific);
  std::string_view text(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
  std::string sign;
  if (text.front() == '-') {
    sign.push_back('-');
    text.remove_prefix(1);
  }
  const std::size_t e = text.find('e');
  std::string digits(1, text.front());
  if (e > 2) digits += text.substr(2, e - 2);
  int exponent = 0;
  const std::size_t skip = text[e + 1] == '+' ? 2 : 1;
  std::from_chars(text.data() + e + skip, text.data() + text.size(), exponent);
  if (exponent < -4 || exponent >= 16) {
    // Joined by the formatter: gcc 12 at -O3 sees overlap in "." + text.
    const std::string fraction = digits.size() > 1 ? fmt::format(".{}", digits.substr(1)) : "";
    return fmt::format("{}{}{}e{}{:02}", sign, digits[0], fraction, exponent < 0 ? '-' : '+', std::abs(exponent));
  }
  if (exponent < 0) return sign + "0." + std::string(static_cast<std::size_t>(-exponent - 1), '0') + digits;
  const auto whole = static_cast<std::size_t>(exponent) + 1;
  if (digits.size() <= whole) return sign + digits + std::string(whole - digits.size(), '0') + ".0";
  return sign + digits.substr(0, whole) + "." + digits.substr(whole);
}

std::string quoted(std::string_view text) {
  std::string out;
  append_quoted(out, text);
  return out;
}

Result<std::string> to_text(const Value& v, Meter& meter) { return printed(v, false, meter); }
Result<std::string> to_repr(const Value& v, Meter& meter) { return printed(v, true, meter); }

Result<std::string> to_text(const Value& v) {
  Meter meter;
  return to_text(v, meter);
}

}  // namespace millrace::jinja
