#include "transform/graph/wildcard.h"

#include <cstddef>

namespace millrace::transform {
namespace {

/// Past a set "[…]" at `p`, and whether `c` is in it. A bracket that does not close stands for itself.
bool in_set(std::string_view pattern, std::size_t& p, char c) {
  std::size_t at = p + 1;
  const bool negated = at < pattern.size() && pattern[at] == '!';
  if (negated) ++at;
  const std::size_t close = pattern.find(']', at + 1);
  if (close == std::string_view::npos) {
    ++p;
    return c == '[';
  }
  bool found = false;
  for (; at < close; ++at) {
    if (at + 2 < close && pattern[at + 1] == '-') {
      found = found || (pattern[at] <= c && c <= pattern[at + 2]);
      at += 2;
    } else {
      found = found || pattern[at] == c;
    }
  }
  p = close + 1;
  return found != negated;
}

}  // namespace

bool has_wildcard(std::string_view pattern) { return pattern.find_first_of("*?[") != std::string_view::npos; }

bool fits(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = std::string_view::npos, after_star = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      after_star = t;
      continue;
    }
    bool matched = false;
    if (p < pattern.size()) {
      if (pattern[p] == '?') {
        ++p;
        matched = true;
      } else if (pattern[p] == '[') {
        matched = in_set(pattern, p, text[t]);
      } else if (pattern[p] == text[t]) {
        ++p;
        matched = true;
      }
    }
    if (matched) {
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++after_star;  // the star takes one character more
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace millrace::transform
