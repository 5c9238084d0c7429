#include "ingest/key_sets.h"

#include <fmt/format.h>

#include "base/words.h"

namespace millrace::ingest {
namespace {

/// A folder as a pattern that means it and nothing else.
std::string escaped(std::string_view folder) {
  std::string out;
  for (const char c : folder) {
    if (std::string_view("*?[{\\").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

}  // namespace

Result<KeySets> KeySets::compile(std::string_view folder, std::span<const std::string> patterns) {
  KeySets out;
  for (const std::string& text : patterns) {
    MR_TRY(KeyPattern pattern, KeyPattern::compile(escaped(folder) + text));
    if (!out.patterns_.empty() && out.patterns_.front().part_names() != pattern.part_names())
      return Error{
          ErrorKind::invalid_input,
          fmt::format("\"{}\" names other parts than \"{}\"", printable(text), printable(out.written_.front())),
          "a set is found by its parts: write the same {names} in each pattern",
          {}};
    out.patterns_.push_back(std::move(pattern));
    out.written_.push_back(text);
  }
  return out;
}

std::optional<KeySets::Place> KeySets::place_of(std::string_view key) const {
  for (std::size_t i = 0; i < patterns_.size(); ++i) {
    const auto parts = patterns_[i].parts(key);
    if (!parts) continue;
    std::vector<std::string> words;
    for (const auto& [name, value] : *parts) words.push_back(name + "=" + value);
    return Place{join(words, ", "), i};
  }
  return std::nullopt;
}

std::string KeySets::missing(const std::vector<bool>& have) const {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < have.size(); ++i)
    if (!have[i]) out.push_back(written_[i]);
  return join(out, ", ");
}

}  // namespace millrace::ingest
