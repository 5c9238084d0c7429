#include "transform/render/ephemeral.h"

#include <algorithm>

#include "base/words.h"

namespace millrace::transform {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'; }
bool is_word(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

/// Past blanks and comments.
std::size_t skip_blanks(std::string_view sql, std::size_t at) {
  while (at < sql.size()) {
    if (is_space(sql[at])) {
      ++at;
    } else if (sql.substr(at).starts_with("--")) {
      at = std::min(sql.find('\n', at), sql.size());
    } else if (sql.substr(at).starts_with("/*")) {
      const auto end = sql.find("*/", at + 2);
      at = end == std::string_view::npos ? sql.size() : end + 2;
    } else {
      break;
    }
  }
  return at;
}

/// Past the word, if it stands there; else `at`.
std::size_t skip_word(std::string_view sql, std::size_t at, std::string_view word) {
  const std::size_t end = at + word.size();
  if (end > sql.size() || to_lower_ascii(sql.substr(at, word.size())) != word) return at;
  return end < sql.size() && is_word(sql[end]) ? at : end;
}

}  // namespace

std::string with_ctes(std::string_view query, const std::vector<Cte>& ctes) {
  if (ctes.empty()) return std::string(query);
  std::string list;
  for (const Cte& cte : ctes) {
    if (!list.empty()) list += ", ";
    list += cte.name + " as (\n" + cte.sql + "\n)";
  }
  const std::size_t start = skip_blanks(query, 0);
  std::size_t after = skip_word(query, start, "with");
  if (after == start)
    return std::string(query.substr(0, start)) + "with " + list + " " + std::string(query.substr(start));
  const std::size_t word = skip_blanks(query, after);
  if (const std::size_t recursive = skip_word(query, word, "recursive"); recursive != word) after = recursive;
  return std::string(query.substr(0, after)) + " " + list + ", " + std::string(trimmed(query.substr(after)));
}

}  // namespace millrace::transform
