#include "ingest/key_overlap.h"

#include <fnmatch.h>

#include <algorithm>
#include <bitset>
#include <cctype>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

namespace millrace::ingest {
namespace {

using Bytes = std::bitset<256>;

/// One step of a pattern: a byte of these, or with `star` any number of them.
struct Step {
  Bytes bytes;
  bool star = false;
};

/// "[a-z]" at the front of `text`, or empty where no bracket closes it.
std::string_view bracket_of(std::string_view text) {
  std::size_t at = 1;
  if (at < text.size() && (text[at] == '!' || text[at] == '^')) ++at;
  if (at < text.size() && text[at] == ']') ++at;
  for (; at < text.size() && text[at] != ']'; ++at) {
    const bool named =
        text[at] == '[' && at + 1 < text.size() && std::string_view(":.=").find(text[at + 1]) != std::string_view::npos;
    const std::size_t end = named ? text.find(std::string{text[at + 1], ']'}, at + 2) : std::string_view::npos;
    if (end != std::string_view::npos) at = end + 1;
  }
  return at < text.size() ? text.substr(0, at + 1) : std::string_view{};
}

/// As KeyPattern: such a pattern means hidden names too.
bool names_a_dot(std::string_view pattern) {
  return pattern.starts_with('.') || pattern.find("/.") != std::string_view::npos;
}

/// The length of "{name}" at the front; 0 where there is none.
std::size_t part_length(std::string_view text) {
  const auto end = text.find('}');
  if (text.empty() || text[0] != '{' || end == std::string_view::npos || end == 1) return 0;
  const auto is_name = [](char c) { return c == '_' || std::isalnum(static_cast<unsigned char>(c)) != 0; };
  const std::string_view name = text.substr(1, end - 1);
  const bool digit = std::isdigit(static_cast<unsigned char>(name[0])) != 0;
  return !digit && std::all_of(name.begin(), name.end(), is_name) ? end + 1 : 0;
}

std::vector<Step> steps_of(std::string_view pattern) {
  Bytes deep, any;
  deep.set().reset(0);
  any = Bytes(deep).reset('/');
  std::vector<Step> steps;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const std::string_view rest = pattern.substr(i);
    const std::string_view bracket = rest[0] == '[' ? bracket_of(rest) : std::string_view{};
    if (rest.starts_with("**")) {
      // As folders it begins with a name; as anything else it may be nothing.
      if (rest.starts_with("**/") && (i == 0 || pattern[i - 1] == '/')) steps.push_back({any, false});
      steps.push_back({deep, true});
      ++i;
    } else if (rest[0] == '*' || rest[0] == '?') {
      steps.push_back({any, rest[0] == '*'});
    } else if (const std::size_t part = part_length(rest); part > 0) {
      steps.push_back({any, false});
      steps.push_back({any, true});
      i += part - 1;
    } else if (!bracket.empty()) {
      Step step;
      const std::string alone(bracket);
      for (unsigned c = 1; c < 256; ++c)
        step.bytes[c] = any[c] && ::fnmatch(alone.c_str(), std::string(1, static_cast<char>(c)).c_str(), 0) == 0;
      steps.push_back(step);
      i += bracket.size() - 1;
    } else {
      if (pattern[i] == '\\' && i + 1 < pattern.size()) ++i;
      Step step;
      step.bytes.set(static_cast<unsigned char>(pattern[i]));
      steps.push_back(step);
    }
  }
  return steps;
}

/// "**/" stands for folders or for nothing: each way is a pattern of its own.
std::vector<std::string> spelled_out(std::string_view pattern) {
  constexpr std::size_t kMost = 64;  // nobody writes six; beyond, the rest is taken as it stands
  std::vector<std::string> out{""};
  for (std::size_t i = 0; i < pattern.size();) {
    const bool at_start = i == 0 || pattern[i - 1] == '/';
    const bool choice = at_start && pattern.substr(i).starts_with("**/") && out.size() < kMost;
    const std::size_t length = choice ? 3 : pattern[i] == '\\' && i + 1 < pattern.size() ? 2 : 1;
    const std::size_t known = out.size();
    for (std::size_t k = 0; choice && k < known; ++k) out.push_back(out[k]);
    for (std::size_t k = 0; k < known; ++k) out[k] += pattern.substr(i, length);
    i += length;
  }
  return out;
}

/// One byte for people to read, of several.
char pick(const Bytes& bytes) {
  for (const char c : std::string_view("abcdefghijklmnopqrstuvwxyz0123456789_-.ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    if (bytes[static_cast<unsigned char>(c)]) return c;
  std::size_t c = 0;
  while (!bytes[c]) ++c;
  return static_cast<char>(c);
}

/// Walks both patterns at once: what is reached is how far each has come, and whether a name begins here.
class Walk {
 public:
  /// `hidden`: names that begin with a dot are meant by both.
  Walk(std::vector<Step> a, std::vector<Step> b, bool hidden) : a_(std::move(a)), b_(std::move(b)), hidden_(hidden) {
    came_.resize((a_.size() + 1) * (b_.size() + 1) * 2);
  }

  std::optional<std::string> key() {
    reach({0, 0, At::begin}, {}, '\0');
    while (!waiting_.empty()) {
      const State at = waiting_.front();
      waiting_.pop_front();
      if (at.a == a_.size() && at.b == b_.size()) return story_of(at);
      if (at.a < a_.size() && a_[at.a].star) reach({at.a + 1, at.b, at.where}, at, '\0');
      if (at.b < b_.size() && b_[at.b].star) reach({at.a, at.b + 1, at.where}, at, '\0');
      if (at.a == a_.size() || at.b == b_.size()) continue;
      const Step &a = a_[at.a], &b = b_[at.b];
      Bytes both = a.bytes & b.bytes;
      if (at.where == At::begin && !hidden_) both.reset('.');
      const State next{at.a + (a.star ? 0 : 1), at.b + (b.star ? 0 : 1), At::inside};
      if (both['/']) reach({next.a, next.b, At::begin}, at, '/');
      if (both.reset('/').any()) reach(next, at, pick(both));
    }
    return std::nullopt;
  }

 private:
  /// In a name: at its begin, or further on.
  enum class At : std::uint8_t { begin, inside };
  struct State {
    std::size_t a = 0, b = 0;
    At where = At::inside;
  };
  struct Came {
    bool seen = false;
    State from;
    char by = '\0';  // \0: nothing was read
  };

  Came& came(const State& s) { return came_[(s.a * (b_.size() + 1) + s.b) * 2 + static_cast<std::size_t>(s.where)]; }
  void reach(const State& to, const State& from, char by) {
    Came& c = came(to);
    if (c.seen) return;
    c = {true, from, by};
    waiting_.push_back(to);
  }
  std::string story_of(State at) {
    std::string key;
    while (at.a + at.b > 0 || at.where != At::begin) {
      const Came& c = came(at);
      if (c.by != '\0') key += c.by;
      at = c.from;
    }
    std::reverse(key.begin(), key.end());
    return key;
  }

  std::vector<Step> a_, b_;
  bool hidden_;
  std::vector<Came> came_;
  std::deque<State> waiting_;
};

}  // namespace

std::optional<std::string> key_of_both(std::string_view a, std::string_view b) {
  if (a.starts_with("regex:") || b.starts_with("regex:")) return std::nullopt;
  const bool hidden = names_a_dot(a) && names_a_dot(b);
  for (const std::string& one : spelled_out(a))
    for (const std::string& other : spelled_out(b))
      if (auto key = Walk(steps_of(one), steps_of(other), hidden).key()) return key;
  return std::nullopt;
}

}  // namespace millrace::ingest
