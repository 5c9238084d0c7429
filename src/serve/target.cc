#include "serve/target.h"

#include <fmt/format.h>

#include <array>

#include "base/utf8.h"
#include "base/words.h"
#include "contract/convert.h"

namespace millrace::serve {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

const std::array<std::string, 2>& known_names() {
  static const std::array<std::string, 2> names{"limit", "offset"};
  return names;
}

struct Parameter {
  std::string name, value;
};

/// The next `name=value` of the query, which it is cut from; nullopt: it does not decode.
std::optional<Parameter> next_parameter(std::string_view& query) {
  const std::string_view piece = query.substr(0, query.find('&'));
  query.remove_prefix(std::min(query.size(), piece.size() + 1));
  const std::size_t equals = std::min(piece.find('='), piece.size());
  auto name = percent_decoded(piece.substr(0, equals), true);
  auto value = percent_decoded(piece.substr(std::min(piece.size(), equals + 1)), true);
  if (!name || !value) return std::nullopt;
  return Parameter{*std::move(name), *std::move(value)};
}

Problem bad_encoding() {
  return {400, "bad_encoding", "the query is not percent-encoded UTF-8: expected % and two hexadecimal digits"};
}

Problem unknown_parameter(const std::string& name) {
  const std::string near = nearest(name, known_names());
  return {400, "unknown_parameter",
          fmt::format("unknown parameter \"{}\"{}; known are limit and offset", printable(name),
                      near.empty() ? "" : fmt::format(", did you mean \"{}\"?", near))};
}

/// Digits alone: a sign, a blank or a fraction is no count.
std::optional<std::int64_t> to_count(std::string_view text) {
  if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  return to_int64(text);
}

}  // namespace

Target split_target(std::string_view target) {
  const std::size_t mark = target.find('?');
  if (mark == std::string_view::npos) return {target, {}};
  return {target.substr(0, mark), target.substr(mark + 1)};
}

std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_blank) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += plus_is_blank && text[i] == '+' ? ' ' : text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  if (utf8::first_bad_byte(out) != std::string_view::npos) return std::nullopt;
  return out;
}

std::variant<PageRange, Problem> read_page_range(std::string_view query) {
  PageRange range;
  std::array<bool, 2> seen{};
  while (!query.empty()) {
    const auto parameter = next_parameter(query);
    if (!parameter) return bad_encoding();
    const auto& [name, value] = *parameter;
    if (name.empty() && value.empty()) continue;  // "?" and "&&" say nothing
    const bool is_limit = name == "limit";
    if (!is_limit && name != "offset") return unknown_parameter(name);
    if (std::exchange(seen[is_limit ? 0 : 1], true))
      return Problem{400, "duplicate_parameter", fmt::format("{} is given twice, expected once", name)};
    const auto count = to_count(value);
    if (!count || (is_limit && *count > PageRange::kMostRows))
      return Problem{400, "bad_parameter",
                     fmt::format("{}: found \"{}\", expected a whole number {}", name, printable(value),
                                 is_limit ? fmt::format("from 0 to {}", PageRange::kMostRows) : "of 0 or more")};
    (is_limit ? range.limit : range.offset) = *count;
  }
  return range;
}

std::optional<Problem> refuse_parameters(std::string_view query) {
  while (!query.empty()) {
    const auto parameter = next_parameter(query);
    if (!parameter) return bad_encoding();
    if (!parameter->name.empty() || !parameter->value.empty())
      return Problem{400, "unknown_parameter",
                     fmt::format("unknown parameter \"{}\"; this path takes none", printable(parameter->name))};
  }
  return std::nullopt;
}

}  // namespace millrace::serve
