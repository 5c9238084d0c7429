#include "transform/graph/selector_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/words.h"

namespace millrace::transform {
namespace {

constexpr std::array<std::string_view, 24> kMethods{
    "fqn",           "tag",       "group",          "access",        "source",    "path",     "file",   "package",
    "config",        "test_name", "test_type",      "resource_type", "state",     "exposure", "metric", "result",
    "source_status", "version",   "semantic_model", "saved_query",   "unit_test", "selector", "name",   "function"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

Error wrong(std::string_view token, std::size_t at, std::string_view what, std::string hint) {
  Error e{ErrorKind::invalid_input, fmt::format("selection \"{}\": {}", printable(token), what), std::move(hint), {}};
  e.trail.push_back(fmt::format("{}\n{:>{}}", printable(token), "^", at + 1));
  return e;
}

Result<int> depth_of(std::string_view digits, std::string_view token) {
  int n = 0;
  const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), n);
  if (ec != std::errc{} || end != digits.data() + digits.size())
    return wrong(token, 0, fmt::format("found the depth {}, expected a small number", digits), "");
  return n;
}

/// "@", or "2+", in front.
Status read_front(std::string_view& rest, std::string_view token, Criterion& out) {
  if (rest.starts_with('@')) {
    out.childs_parents = true;
    rest.remove_prefix(1);
    return ok();
  }
  std::size_t n = 0;
  while (n < rest.size() && is_digit(rest[n])) ++n;
  if (n >= rest.size() || rest[n] != '+') return ok();
  out.parents = true;
  if (n > 0) {
    MR_TRY(out.parents_depth, depth_of(rest.substr(0, n), token));
  }
  rest.remove_prefix(n + 1);
  return ok();
}

/// "+2" at the end.
Status read_back(std::string_view& rest, std::string_view token, Criterion& out) {
  std::size_t n = rest.size();
  while (n > 0 && is_digit(rest[n - 1])) --n;
  if (n == 0 || rest[n - 1] != '+') return ok();
  if (out.childs_parents)
    return wrong(token, token.size() - (rest.size() - n) - 1, "found + behind a selection with @",
                 "@a takes descendants already: write @a, or a+");
  out.children = true;
  if (n < rest.size()) {
    MR_TRY(out.children_depth, depth_of(rest.substr(n), token));
  }
  rest = rest.substr(0, n - 1);
  return ok();
}

}  // namespace

std::vector<std::string> tokens_of(std::string_view text) {
  std::vector<std::string> out;
  std::string token;
  for (const char c : text) {
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      if (!token.empty()) out.push_back(std::move(token));
      token.clear();
    } else {
      token += c;
    }
  }
  if (!token.empty()) out.push_back(std::move(token));
  return out;
}

Result<Criterion> parse_criterion(std::string_view token) {
  Criterion out;
  out.text = std::string(token);
  std::string_view rest = token;
  MR_CHECK(read_front(rest, token, out));
  MR_CHECK(read_back(rest, token, out));
  const auto colon = rest.find(':');
  if (colon != std::string_view::npos) {
    std::string_view method = rest.substr(0, colon);
    if (const auto dot = method.find('.'); dot != std::string_view::npos) {
      out.argument = std::string(method.substr(dot + 1));
      method = method.substr(0, dot);
    }
    out.method = std::string(method);
    rest.remove_prefix(colon + 1);
    if (std::find(kMethods.begin(), kMethods.end(), method) == kMethods.end()) {
      static const std::vector<std::string> known(kMethods.begin(), kMethods.end());
      const std::string near = nearest(method, known);
      return wrong(token, static_cast<std::size_t>(method.data() - token.data()),
                   fmt::format("\"{}\" is no method", printable(method)),
                   near.empty() ? "methods are tag:, path:, source:, config.KEY: and the like"
                                : fmt::format("did you mean {}:?", near));
    }
  }
  out.value = std::string(rest);
  if (out.value.empty())
    return wrong(token, token.size(), "found no name",
                 "write the name of a model, or a method with a value: tag:daily");
  return out;
}

Result<std::vector<Criterion>> parse_intersection(std::string_view token) {
  std::vector<Criterion> out;
  while (true) {
    const auto comma = token.find(',');
    const std::string_view part = token.substr(0, comma);
    if (part.empty()) return wrong(token, 0, "found a comma with nothing on one side", "write a,b for what is in both");
    MR_TRY(Criterion c, parse_criterion(part));
    out.push_back(std::move(c));
    if (comma == std::string_view::npos) return out;
    token.remove_prefix(comma + 1);
  }
}

}  // namespace millrace::transform
