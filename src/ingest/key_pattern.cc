#include "ingest/key_pattern.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>

#include "base/words.h"

namespace millrace::ingest {
namespace {

constexpr std::string_view kRegex = "regex:";

bool is_name(std::string_view text) {
  const auto letter = [](char c) { return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return !text.empty() && letter(text[0]) &&
         std::all_of(text.begin(), text.end(), [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

/// The length of "{name}" at the start of `text`; 0 where there is none.
std::size_t part_length(std::string_view text) {
  const auto end = text.find('}');
  return end != std::string_view::npos && is_name(text.substr(1, end - 1)) ? end + 1 : 0;
}

/// The length of "[…]" at the start of `text`; 0 where it is not closed.
std::size_t set_length(std::string_view text) {
  std::size_t i = 1;
  if (i < text.size() && (text[i] == '!' || text[i] == '^')) ++i;
  if (i < text.size() && text[i] == ']') ++i;  // the first one is meant
  for (; i < text.size(); ++i) {
    if (text[i] == ']') return i + 1;
    if (text[i] == '[' && i + 1 < text.size() && text[i + 1] == ':') {
      const auto end = text.find(":]", i + 2);
      if (end != std::string_view::npos) i = end + 1;
    }
  }
  return 0;
}

std::string set_expression(std::string_view set) {
  std::string_view inside = set.substr(1, set.size() - 2);
  std::string out = "[";
  if (inside.starts_with('!') || inside.starts_with('^')) {
    out += "^/";
    inside.remove_prefix(1);
  }
  for (std::size_t i = 0; i < inside.size(); ++i) {
    const bool is_class = inside.substr(i).starts_with("[:");
    if (inside[i] == '\\' || inside[i] == ']' || inside[i] == '^' || (inside[i] == '[' && !is_class)) out += '\\';
    if (is_class) {
      const auto end = inside.find(":]", i);
      if (end == std::string_view::npos) {
        out += "\\[";
        continue;
      }
      out += inside.substr(i, end + 2 - i);
      i = end + 1;
      continue;
    }
    out += inside[i];
  }
  return out + "]";
}

/// "**" at the start of `rest`, which stands at the start of a name or not.
std::pair<std::string_view, std::size_t> deep_expression(std::string_view rest, bool at_start) {
  if (at_start && rest.starts_with("**/")) return {"(?:[^/]+/)*", 3};
  return {".*", 2};
}

std::string to_expression(std::string_view pattern) {
  std::string out;
  for (std::size_t i = 0; i < pattern.size();) {
    const std::string_view rest = pattern.substr(i);
    const bool at_start = i == 0 || pattern[i - 1] == '/';
    if (rest.starts_with("**")) {
      const auto [expression, length] = deep_expression(rest, at_start);
      out += expression;
      i += length;
    } else if (rest[0] == '*') {
      out += "[^/]*";
      ++i;
    } else if (rest[0] == '?') {
      out += "[^/]";
      ++i;
    } else if (const std::size_t set = rest[0] == '[' ? set_length(rest) : 0; set > 0) {
      out += set_expression(rest.substr(0, set));
      i += set;
    } else if (const std::size_t part = rest[0] == '{' ? part_length(rest) : 0; part > 0) {
      out += fmt::format("(?P<{}>[^/]+)", rest.substr(1, part - 2));
      i += part;
    } else {
      const std::size_t escaped = rest[0] == '\\' && rest.size() > 1 ? 1 : 0;
      out += re2::RE2::QuoteMeta(re2::StringPiece(rest.data() + escaped, 1));
      i += 1 + escaped;
    }
  }
  return out;
}

std::string up_to_slash(std::string_view text) {
  const auto slash = text.rfind('/');
  return slash == std::string_view::npos ? "" : std::string(text.substr(0, slash + 1));
}

/// The text that every match of a regular expression begins with, as far as that is plain to see.
std::string literal_start(std::string_view expression) {
  if (expression.find('|') != std::string_view::npos) return "";
  if (expression.starts_with('^')) expression.remove_prefix(1);
  std::string out;
  for (std::size_t i = 0; i < expression.size(); ++i) {
    const char c = expression[i];
    if (std::string_view("*?{").find(c) != std::string_view::npos) {
      if (!out.empty()) out.pop_back();  // what stands before it may be missing
      break;
    }
    if (std::string_view(".+()[]}$").find(c) != std::string_view::npos) break;
    if (c != '\\') {
      out += c;
      continue;
    }
    const char next = i + 1 < expression.size() ? expression[i + 1] : 'd';
    if (next == '_' || std::isalnum(static_cast<unsigned char>(next)) != 0) break;
    out += next;
    ++i;
  }
  return out;
}

std::string wildcard_folder(std::string_view pattern) {
  std::string out;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (std::string_view("*?[").find(pattern[i]) != std::string_view::npos) break;
    if (pattern[i] == '{' && part_length(pattern.substr(i)) > 0) break;
    if (pattern[i] == '\\' && i + 1 < pattern.size()) ++i;
    out += pattern[i];
  }
  return up_to_slash(out);
}

}  // namespace

std::string literal_folder(std::string_view pattern) {
  if (pattern.starts_with(kRegex)) return up_to_slash(literal_start(pattern.substr(kRegex.size())));
  return wildcard_folder(pattern);
}

Result<KeyPattern> KeyPattern::compile(std::string_view text) {
  KeyPattern out;
  out.text_ = text;
  out.folder_ = literal_folder(text);
  const bool regex = text.starts_with(kRegex);
  out.may_hide_ = regex || text.starts_with('.') || text.find("/.") != std::string_view::npos;
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_dot_nl(true);  // a key may hold a newline
  const std::string expression = regex ? std::string(text.substr(kRegex.size())) : to_expression(text);
  auto compiled = std::make_shared<re2::RE2>(expression, options);
  std::string problem = expression.empty() ? "it is empty" : printable(compiled->error());
  if (compiled->ok() && compiled->CapturingGroupNames().size() != compiled->NamedCapturingGroups().size())
    problem = "a part has the name of another";
  if (!problem.empty())
    return Error{ErrorKind::invalid_input,
                 fmt::format("pattern \"{}\": {}", printable(text), problem),
                 regex ? "RE2's syntax: look-around and back-references are not understood"
                       : "a {name} may stand once in a pattern; write \\{ for a brace",
                 {}};
  out.expression_ = std::move(compiled);
  return out;
}

/// Names that begin with a dot are hidden: other tools keep what is not finished under them.
bool KeyPattern::hides(std::string_view key) const {
  return !may_hide_ && (key.starts_with('.') || key.find("/.") != std::string_view::npos);
}

bool KeyPattern::matches(std::string_view key) const {
  return !hides(key) && re2::RE2::FullMatch(re2::StringPiece(key.data(), key.size()), *expression_);
}

std::optional<KeyPattern::Parts> KeyPattern::parts(std::string_view key) const {
  if (hides(key)) return std::nullopt;
  const auto groups = static_cast<std::size_t>(expression_->NumberOfCapturingGroups());
  std::vector<re2::StringPiece> found(groups + 1);
  const re2::StringPiece whole(key.data(), key.size());
  if (!expression_->Match(whole, 0, whole.size(), re2::RE2::ANCHOR_BOTH, found.data(), static_cast<int>(found.size())))
    return std::nullopt;
  Parts out;
  for (const auto& [name, index] : expression_->NamedCapturingGroups())
    out[name] = std::string(found[static_cast<std::size_t>(index)]);
  return out;
}

std::vector<std::string> KeyPattern::part_names() const {
  std::vector<std::string> out;
  for (const auto& [name, index] : expression_->NamedCapturingGroups()) out.push_back(name);
  return out;
}

}  // namespace millrace::ingest
