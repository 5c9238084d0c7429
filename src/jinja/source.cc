#include "jinja/source.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "jinja/characters.h"

namespace millrace::jinja {
namespace {

std::string with_plain_line_ends(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r') {
      out += text[i];
    } else if (i + 1 == text.size() || text[i + 1] != '\n') {
      out += '\n';
    }
  }
  if (!out.empty() && out.back() == '\n') out.pop_back();
  return out;
}

}  // namespace

Source::Source(std::string_view text, std::string_view name, Start start)
    : text_(with_plain_line_ends(text)), name_(name), start_(start) {}

Start Source::place(std::size_t offset) const {
  const std::string_view before = text().substr(0, offset);
  const auto lines = static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
  const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  const std::size_t column = count_characters(before.substr(line_start));
  return {start_.line + lines, lines == 0 ? start_.column + column : column + 1};
}

std::string Source::where(std::size_t offset) const {
  const Start at = place(offset);
  return fmt::format("{}:{}:{}", name_, at.line, at.column);
}

std::string Source::excerpt(std::size_t offset) const {
  constexpr std::size_t kBefore = 80, kAfter = 40;
  offset = std::min(offset, text_.size());
  const std::size_t line_start = text().substr(0, offset).rfind('\n') + 1;
  const std::size_t line_end = std::min(text_.find('\n', offset), text_.size());
  std::size_t from = line_start;
  if (offset - from > kBefore) from = offset - kBefore;
  std::size_t to = std::min(line_end, offset + kAfter);
  const auto inside_character = [&](std::size_t i) {
    return i < line_end && (static_cast<unsigned char>(text_[i]) & 0xc0U) == 0x80;
  };
  while (from < offset && inside_character(from)) ++from;
  while (inside_character(to)) ++to;
  std::string line, indent;
  for (std::size_t i = from; i < to;) {
    const std::string_view c = first_character(text().substr(i, to - i));
    const auto byte = static_cast<unsigned char>(c.front());
    // What a terminal would act on must not reach it from a template.
    line += c.size() == 1 && (byte < 0x20 || byte >= 0x7f) ? std::string_view(" ") : c;
    if (i < offset) indent += ' ';
    i += c.size();
  }
  return fmt::format("  | {}\n  | {}^", line, indent);
}

Error Source::error(ErrorKind kind, std::size_t offset, std::string_view what, std::string_view hint) const {
  return located({kind, std::string(what), std::string(hint), {}}, offset);
}

Error Source::located(Error error, std::size_t offset) const {
  error.message = where(offset) + ": " + error.message;
  error.trail.insert(error.trail.begin(), excerpt(offset));
  return error;
}

}  // namespace millrace::jinja
