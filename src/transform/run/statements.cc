#include "transform/run/statements.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/words.h"

namespace millrace::transform {
namespace {

bool word_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

std::size_t after(std::string_view sql, std::size_t from, std::string_view mark) {
  const std::size_t at = sql.find(mark, from);
  return at == std::string_view::npos ? sql.size() : at + mark.size();
}

/// Behind a quoted text, a comment or a $tag$ text that begins at `at`; `at` itself where none does.
std::size_t skipped(std::string_view sql, std::size_t at) {
  const std::string_view rest = sql.substr(at);
  if (rest[0] == '\'' || rest[0] == '"') return after(sql, at + 1, rest.substr(0, 1));
  if (rest.starts_with("--")) return after(sql, at, "\n");
  if (rest.starts_with("/*")) return after(sql, at + 2, "*/");
  if (rest[0] != '$' || (at > 0 && word_char(sql[at - 1]))) return at;
  std::size_t n = 1;
  while (n < rest.size() && word_char(rest[n])) ++n;
  if (n == rest.size() || rest[n] != '$' || (rest[1] >= '0' && rest[1] <= '9')) return at;
  return after(sql, at + n + 1, rest.substr(0, n + 1));
}

/// Without blanks and comments in front.
std::string_view without_front(std::string_view sql) {
  while (true) {
    sql = trimmed(sql);
    if (sql.starts_with("--"))
      sql.remove_prefix(after(sql, 0, "\n"));
    else if (sql.starts_with("/*"))
      sql.remove_prefix(after(sql, 2, "*/"));
    else
      return sql;
  }
}

}  // namespace

std::vector<std::string> split_statements(std::string_view sql) {
  std::vector<std::string> out;
  std::size_t begin = 0;
  const auto end_at = [&](std::size_t end) {
    const std::string_view statement = trimmed(sql.substr(begin, end - begin));
    if (!without_front(statement).empty()) out.emplace_back(statement);
    begin = end + 1;
  };
  for (std::size_t at = 0; at < sql.size();) {
    const std::size_t behind = skipped(sql, at);
    if (behind > at) {
      at = behind;
      continue;
    }
    if (sql[at] == ';') end_at(at);
    ++at;
  }
  if (begin < sql.size()) end_at(sql.size());
  return out;
}

std::string first_word(std::string_view sql) {
  std::string out;
  for (const char c : without_front(sql)) {
    if (!word_char(c)) break;
    out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return out;
}

Status check_no_transaction_control(std::string_view statement) {
  static constexpr std::array<std::string_view, 7> kWords{"BEGIN",    "START", "COMMIT",   "END",
                                                          "ROLLBACK", "ABORT", "SAVEPOINT"};
  const std::string word = first_word(statement);
  if (std::find(kWords.begin(), kWords.end(), word) == kWords.end()) return ok();
  return Error{ErrorKind::unsupported,
               fmt::format("found {}, expected a statement that leaves the transaction of the build alone", word),
               "leave it out: a hook runs inside the transaction of its node, or of the whole build",
               {}};
}

bool changes_names(std::string_view statement) {
  static constexpr std::array<std::string_view, 7> kWords{"CREATE", "DROP",   "ALTER", "ATTACH",
                                                          "DETACH", "IMPORT", "USE"};
  const std::string word = first_word(statement);
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

int count_lines(std::string_view text) { return static_cast<int>(std::count(text.begin(), text.end(), '\n')) + 1; }

Error about_compiled_sql(Error error, int lines_before, int lines_of_sql, std::string_view compiled_file) {
  static constexpr std::string_view kMark = "\n\nLINE ";
  const std::size_t at = error.message.find(kMark);
  if (at != std::string::npos) {
    const std::string_view rest = std::string_view(error.message).substr(at + kMark.size());
    int line = 0;
    const auto read = std::from_chars(rest.data(), rest.data() + rest.size(), line);
    const auto width = static_cast<std::size_t>(read.ptr - rest.data());
    if (read.ec == std::errc{} && rest.substr(width).starts_with(": ")) {
      const std::string_view shown = rest.substr(width + 2);
      const std::size_t line_end = std::min(shown.find('\n'), shown.size());
      std::string place;
      if (line > lines_before && line <= lines_before + lines_of_sql) {
        place = fmt::format("\nline {} of the compiled SQL:\n  {}", line - lines_before, shown.substr(0, line_end));
        const std::size_t caret = shown.find('^', line_end);
        const std::size_t lead = std::string_view("LINE ").size() + width + 2;
        if (caret != std::string_view::npos && caret - line_end - 1 >= lead)
          place += "\n  " + std::string(caret - line_end - 1 - lead, ' ') + "^";
      }
      error.message = error.message.substr(0, at) + place;
    }
  }
  if (!compiled_file.empty())
    error.hint += fmt::format("{}the compiled SQL lies in {}", error.hint.empty() ? "" : "; ", compiled_file);
  return error;
}

}  // namespace millrace::transform
