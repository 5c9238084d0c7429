#include "jinja/text.h"

#include <algorithm>

#include "jinja/characters.h"

namespace millrace::jinja {

Result<std::string> replaced(std::string_view text, std::string_view old_text, std::string_view new_text,
                             std::int64_t count, Meter& meter) {
  std::string out;
  const auto add = [&](std::string_view piece) -> Status {
    MR_CHECK(meter.spend_text(piece.size()));
    out += piece;
    if (out.size() > meter.limits().output_bytes) return meter.spend_text(out.size());
    return ok();
  };
  std::size_t from = 0;
  for (std::int64_t left = count; left != 0; --left) {
    std::size_t at = text.find(old_text, from);
    if (at == std::string_view::npos) break;
    if (old_text.empty()) {
      if (from > text.size()) break;
      MR_CHECK(add(new_text));
      if (from == text.size()) return out;
      const std::string_view c = first_character(text.substr(from));
      MR_CHECK(add(c));
      from += c.size();
      continue;
    }
    MR_CHECK(add(text.substr(from, at - from)));
    MR_CHECK(add(new_text));
    from = at + old_text.size();
  }
  MR_CHECK(add(text.substr(from)));
  return out;
}

Result<std::string> padded(std::string_view text, std::int64_t width, std::string_view fill, Side side, Meter& meter) {
  const auto have = static_cast<std::int64_t>(count_characters(text));
  if (width <= have) return std::string(text);
  const std::int64_t lack = width - have;
  MR_CHECK(meter.spend_text(text.size() + static_cast<std::size_t>(lack)));
  MR_CHECK(meter.spend_text(text.size() + static_cast<std::size_t>(lack) * fill.size()));
  std::int64_t before = side == Side::left ? lack : 0;
  // CPython's rule for the odd one out.
  if (side == Side::both) before = lack / 2 + (lack & width & 1);
  std::string out;
  for (std::int64_t i = 0; i < before; ++i) out += fill;
  out += text;
  for (std::int64_t i = before; i < lack; ++i) out += fill;
  return out;
}

std::vector<std::string_view> split_at(std::string_view text, std::string_view separator, std::int64_t most,
                                       bool from_right) {
  std::vector<std::string_view> out;
  for (std::int64_t left = most; left != 0; --left) {
    const std::size_t at = from_right ? text.rfind(separator) : text.find(separator);
    if (at == std::string_view::npos) break;
    const std::string_view rest = text.substr(at + separator.size());
    out.push_back(from_right ? rest : text.substr(0, at));
    text = from_right ? text.substr(0, at) : rest;
  }
  out.push_back(text);
  if (from_right) std::reverse(out.begin(), out.end());
  return out;
}

std::vector<std::string_view> split_at_spaces(std::string_view text, std::int64_t most, bool from_right) {
  std::vector<std::string_view> out;
  text = from_right ? right_stripped(text) : left_stripped(text);
  for (std::int64_t left = most; left != 0 && !text.empty(); --left) {
    const std::size_t at = from_right ? text.find_last_of(kSpaces) : text.find_first_of(kSpaces);
    if (at == std::string_view::npos) break;
    out.push_back(from_right ? text.substr(at + 1) : text.substr(0, at));
    text = from_right ? right_stripped(text.substr(0, at)) : left_stripped(text.substr(at));
  }
  // What no cut was left for keeps its spaces, also those at its outer end, as in Python.
  if (!text.empty()) out.push_back(text);
  if (from_right) std::reverse(out.begin(), out.end());
  return out;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const std::size_t at = text.find_first_of("\r\n\v\f");
    out.push_back(text.substr(0, at));
    if (at == std::string_view::npos) break;
    text.remove_prefix(at + (text.substr(at).starts_with("\r\n") ? 2 : 1));
  }
  return out;
}

bool has_case(std::string_view text, bool upper_case) {
  const std::string as_upper = upper(text), as_lower = lower(text);
  if (as_upper == as_lower) return false;
  return text == (upper_case ? as_upper : as_lower);
}

}  // namespace millrace::jinja
