#include "ingest/pattern.h"

#include <fnmatch.h>

#include <algorithm>
#include <bitset>
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
  bool star = false, wild = false;  // wild: a dot at the begin of a name is not meant
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

std::vector<Step> steps_of(std::string_view pattern) {
  Bytes any;
  any.set();
  any.reset(0).reset('/');
  std::vector<Step> steps;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    Step step;
    const std::string_view bracket = pattern[i] == '[' ? bracket_of(pattern.substr(i)) : std::string_view{};
    if (pattern[i] == '*' || pattern[i] == '?') {
      step = {any, pattern[i] == '*', true};
    } else if (!bracket.empty()) {
      const std::string alone(bracket);
      for (unsigned c = 1; c < 256; ++c)
        step.bytes[c] = any[c] && ::fnmatch(alone.c_str(), std::string(1, static_cast<char>(c)).c_str(), 0) == 0;
      step.wild = true;
      i += bracket.size() - 1;
    } else {
      if (pattern[i] == '\\' && i + 1 < pattern.size()) ++i;
      step.bytes.set(static_cast<unsigned char>(pattern[i]));
    }
    steps.push_back(step);
  }
  return steps;
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
  Walk(std::vector<Step> a, std::vector<Step> b) : a_(std::move(a)), b_(std::move(b)) {
    came_.resize((a_.size() + 1) * (b_.size() + 1) * 3);
  }

  std::optional<std::string> key() {
    reach({0, 0, At::begin}, {}, '\0');
    while (!waiting_.empty()) {
      const State at = waiting_.front();
      waiting_.pop_front();
      if (at.a == a_.size() && at.b == b_.size()) return story_of(at);
      const At passed = at.where == At::inside ? At::inside : At::begin_no_dot;
      if (at.a < a_.size() && a_[at.a].star) reach({at.a + 1, at.b, passed}, at, '\0');
      if (at.b < b_.size() && b_[at.b].star) reach({at.a, at.b + 1, passed}, at, '\0');
      if (at.a == a_.size() || at.b == b_.size()) continue;
      const Step &a = a_[at.a], &b = b_[at.b];
      Bytes both = a.bytes & b.bytes;
      if (at.where == At::begin_no_dot || (at.where == At::begin && (a.wild || b.wild))) both.reset('.');
      if (both.none()) continue;
      const char c = pick(both);
      reach({at.a + (a.star ? 0 : 1), at.b + (b.star ? 0 : 1), c == '/' ? At::begin : At::inside}, at, c);
    }
    return std::nullopt;
  }

 private:
  /// In a name: at its begin, there behind a star that stands for nothing, or further on.
  enum class At : std::uint8_t { begin, begin_no_dot, inside };
  struct State {
    std::size_t a = 0, b = 0;
    At where = At::inside;
  };
  struct Came {
    bool seen = false;
    State from;
    char by = '\0';  // \0: nothing was read
  };

  Came& came(const State& s) { return came_[(s.a * (b_.size() + 1) + s.b) * 3 + static_cast<std::size_t>(s.where)]; }
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
  std::vector<Came> came_;
  std::deque<State> waiting_;
};

}  // namespace

std::optional<std::string> key_of_both(std::string_view a, std::string_view b) {
  return Walk(steps_of(a), steps_of(b)).key();
}

}  // namespace millrace::ingest
