#include "transform/project/blocks.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/words.h"

namespace millrace::transform {
namespace {

bool is_word(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

struct Tag {
  std::size_t begin = 0, end = 0;  // from "{%" to after "%}"
  std::string_view word, rest;     // "macro", " cents_to_dollars(x)"
};

class Scanner {
 public:
  Scanner(std::string_view text, std::string_view file) : text_(text), file_(file) {}

  /// The next {% … %} tag; comments, expressions and raw blocks are passed over. False: there is none.
  Result<bool> next(Tag& tag) {
    while (true) {
      const auto open = text_.find('{', at_);
      if (open == std::string_view::npos || open + 1 >= text_.size()) return false;
      const char second = text_[open + 1];
      if (second == '#') {
        const auto end = text_.find("#}", open + 2);
        if (end == std::string_view::npos) return failed(open, "found a comment {# that does not end", "add #}");
        at_ = end + 2;
      } else if (second == '{') {
        at_ = inside(open + 2, "}}");
        if (at_ == std::string_view::npos) return false;  // Jinja itself says what is wrong with it
      } else if (second == '%') {
        MR_CHECK(read_tag(open, tag));
        if (tag.word != "raw") return true;
        MR_CHECK(skip_raw(tag));
      } else {
        at_ = open + 1;
      }
    }
  }
  [[nodiscard]] Error failed(std::size_t at, std::string_view what, std::string_view hint) const {
    const auto [line, column] = place(at);
    return {ErrorKind::invalid_input, fmt::format("{}:{}:{}: {}", file_, line, column, what), std::string(hint), {}};
  }
  [[nodiscard]] std::pair<int, int> place(std::size_t at) const {
    const std::string_view before = text_.substr(0, at);
    const auto line_start = before.rfind('\n');
    return {static_cast<int>(std::count(before.begin(), before.end(), '\n')) + 1,
            static_cast<int>(line_start == std::string_view::npos ? at : at - line_start - 1) + 1};
  }

 private:
  /// Past `end`, from inside of a tag or expression: texts in quotes may hold anything.
  [[nodiscard]] std::size_t inside(std::size_t from, std::string_view end) const {
    for (std::size_t i = from; i < text_.size(); ++i) {
      if (text_[i] == '\'' || text_[i] == '"') {
        const char quote = text_[i];
        for (++i; i < text_.size() && text_[i] != quote; ++i)
          if (text_[i] == '\\') ++i;
      } else if (text_.substr(i).starts_with(end)) {
        return i + end.size();
      }
    }
    return std::string_view::npos;
  }

  Status read_tag(std::size_t open, Tag& tag) {
    const std::size_t end = inside(open + 2, "%}");
    if (end == std::string_view::npos) return failed(open, "found a tag {% that does not end", "add %}");
    std::string_view body = text_.substr(open + 2, end - open - 4);
    if (body.starts_with('-') || body.starts_with('+')) body.remove_prefix(1);
    if (body.ends_with('-') || body.ends_with('+')) body.remove_suffix(1);
    body = trimmed(body);
    const auto stop = std::find_if_not(body.begin(), body.end(), is_word);
    const auto length = static_cast<std::size_t>(stop - body.begin());
    tag = {open, end, body.substr(0, length), body.substr(length)};
    at_ = end;
    return ok();
  }

  Status skip_raw(const Tag& raw) {
    Tag tag = raw;
    while (true) {
      const auto open = text_.find("{%", at_);
      if (open == std::string_view::npos)
        return failed(raw.begin, "found {% raw %} that does not end", "add {% endraw %}");
      at_ = open + 2;
      std::string_view rest = text_.substr(at_);
      if (rest.starts_with('-') || rest.starts_with('+')) rest.remove_prefix(1);
      if (trimmed(rest.substr(0, 40)).starts_with("endraw")) return read_tag(open, tag);
    }
  }

  std::string_view text_, file_;
  std::size_t at_ = 0;
};

std::string name_in(std::string_view rest) {
  rest = trimmed(rest);
  const auto stop = std::find_if_not(rest.begin(), rest.end(), is_word);
  return std::string(rest.begin(), stop);
}

/// "{% endtest %}" ends "{% data_test %}" too.
bool ends(std::string_view kind, std::string_view word) {
  if (!word.starts_with("end")) return false;
  const std::string_view what = word.substr(3);
  return what == kind || (kind == "data_test" && what == "test") || (kind == "test" && what == "data_test");
}

}  // namespace

Result<std::vector<Block>> scan_blocks(std::string_view text, std::string_view file,
                                       const std::vector<std::string_view>& kinds) {
  Scanner scanner(text, file);
  std::vector<Block> out;
  Tag open, tag;
  bool in_block = false;
  int nested = 0;  // macros may define macros
  while (true) {
    MR_TRY(const bool more, scanner.next(tag));
    if (!more) break;
    if (!in_block) {
      if (std::find(kinds.begin(), kinds.end(), tag.word) == kinds.end()) continue;
      open = tag;
      in_block = true;
      nested = 0;
    } else if (tag.word == open.word) {
      ++nested;
    } else if (ends(open.word, tag.word) && nested-- == 0) {
      Block b;
      b.kind = std::string(open.word);
      b.name = name_in(open.rest);
      b.text = text.substr(open.begin, tag.end - open.begin);
      b.body = text.substr(open.end, tag.begin - open.end);
      std::tie(b.line, b.column) = scanner.place(open.begin);
      if (b.name.empty())
        return scanner.failed(open.begin, fmt::format("found {{% {} %}} without a name", open.word),
                              fmt::format("write {{% {} some_name() %}}", open.word));
      out.push_back(std::move(b));
      in_block = false;
    }
  }
  if (in_block)
    return scanner.failed(open.begin,
                          fmt::format("found {{% {} {} %}} that does not end", open.word, name_in(open.rest)),
                          fmt::format("add {{% end{} %}}", open.word));
  return out;
}

}  // namespace millrace::transform
