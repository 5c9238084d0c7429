#include "contract/pattern.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <array>
#include <utility>

namespace millrace {
namespace {

struct Named {
  std::string_view name, in_words;
  std::string expression;
};

/// RFC 3986 §3.2.2, the nine places in which :: may stand.
std::string ipv6_expression(const std::string& ipv4) {
  const std::string h16 = "[0-9A-Fa-f]{1,4}", low = fmt::format("(?:{0}:{0}|{1})", h16, ipv4);
  std::string out = fmt::format("(?:{}:){{6}}{}", h16, low);
  for (int behind = 5; behind >= 0; --behind) {
    const std::string front = behind == 5 ? "" : fmt::format("(?:(?:{0}:){{0,{1}}}{0})?", h16, 4 - behind);
    out += fmt::format("|{}::(?:{}:){{{}}}{}", front, h16, behind, low);
  }
  out += fmt::format("|(?:(?:{0}:){{0,5}}{0})?::{0}|(?:(?:{0}:){{0,6}}{0})?::", h16);
  return out;
}

const std::array<Named, 6>& named_formats() {
  static const std::string label = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?";  // RFC 1123 §2.1
  static const std::string octet = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
  static const std::string ipv4 = fmt::format("(?:{0}\\.){{3}}{0}", octet);
  static const std::array<Named, 6> formats{{
      // The definition of <input type=email> of the HTML standard: what people use, not all of RFC 5322.
      {"email", "an e-mail address", "[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@" + fmt::format("{0}(?:\\.{0})*", label)},
      {"uuid", "a UUID", "[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"},
      {"uri", "a URI", "[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9._~:/?#\\[\\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+"},
      {"hostname", "a host name", fmt::format("{0}(?:\\.{0})*", label)},
      {"ipv4", "an IPv4 address", ipv4},
      {"ipv6", "an IPv6 address", ipv6_expression(ipv4)},
  }};
  return formats;
}

/// Escapes that RE2 takes for something else than ECMAScript does; "" where there is none.
std::string_view foreign_escape(std::string_view expression) {
  for (std::size_t i = 0; i + 1 < expression.size(); ++i) {
    if (expression[i] != '\\') continue;
    ++i;
    if (std::string_view("AzQECa").find(expression[i]) != std::string_view::npos) return expression.substr(i - 1, 2);
  }
  return {};
}

}  // namespace

Result<Pattern> Pattern::build(const std::string& expression, std::string in_words) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  Pattern out;
  out.in_words_ = std::move(in_words);
  auto compiled = std::make_shared<re2::RE2>(expression, options);
  if (!compiled->ok())
    return Error{ErrorKind::invalid_input,
                 fmt::format("pattern \"{}\": {}", expression, compiled->error()),
                 "look-around and back-references are not understood; the rest of ECMAScript's patterns is",
                 {}};
  out.expression_ = std::move(compiled);
  return out;
}

Result<Pattern> Pattern::compile(std::string_view expression) {
  if (const auto foreign = foreign_escape(expression); !foreign.empty())
    return Error{ErrorKind::invalid_input,
                 fmt::format("pattern \"{}\": {} has no meaning in ECMAScript", expression, foreign),
                 "^ and $ are the ends of the text; a letter needs no backslash",
                 {}};
  return build(std::string(expression), fmt::format("a match of {}", expression));
}

Result<Pattern> Pattern::named(std::string_view format) {
  std::string known;
  for (const Named& n : named_formats()) {
    if (n.name == format) return build(fmt::format("^(?:{})$", n.expression), std::string(n.in_words));
    known += fmt::format("{}{}", known.empty() ? "" : ", ", n.name);
  }
  return Error{ErrorKind::unsupported,
               fmt::format("format \"{}\" is not checked by this version of millrace", format),
               fmt::format("one of {}; or say it with pattern", known),
               {}};
}

bool Pattern::matches(std::string_view text) const {
  return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *expression_);
}

}  // namespace millrace
