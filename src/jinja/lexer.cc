#include "jinja/lexer.h"

#include <fmt/format.h>

#include <array>
#include <optional>

#include "base/words.h"
#include "jinja/characters.h"

namespace millrace::jinja {
namespace {

constexpr std::size_t kLongest = 64ULL << 20U;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool starts_name(char c) {
  const auto u = static_cast<unsigned char>(c);
  return u >= 0x80 || c == '_' || ((u | 0x20U) >= 'a' && (u | 0x20U) <= 'z');
}
bool in_name(char c) { return starts_name(c) || is_digit(c); }
bool is_space(char c) { return kSpaces.find(c) != std::string_view::npos; }

/// A tag found by looking ahead: {% word %} with its signs.
struct BareTag {
  std::size_t begin, end;  // of the whole tag
  bool strips_before, strips_after;
};

class Lexer {
 public:
  explicit Lexer(const Source& source) : source_(&source), text_(source.text()) {}

  Result<std::vector<Token>> template_tokens() {
    MR_CHECK(check_size());
    while (at_ < text_.size()) MR_CHECK(step());
    push(TokenKind::end, text_.size(), 0);
    return std::move(tokens_);
  }

  Result<std::vector<Token>> expression_tokens() {
    MR_CHECK(check_size());
    for (skip_space(); at_ < text_.size(); skip_space()) MR_CHECK(token());
    MR_CHECK(check_brackets_closed());
    push(TokenKind::end, text_.size(), 0);
    return std::move(tokens_);
  }

 private:
  [[nodiscard]] Error fail(std::size_t offset, std::string_view what, std::string_view hint = "") const {
    return source_->error(ErrorKind::invalid_input, offset, what, hint);
  }
  [[nodiscard]] Status check_size() const {
    if (text_.size() < kLongest) return ok();
    return fail(0, fmt::format("found a template of {}, expected less than {}", bytes_in_words(text_.size()),
                               bytes_in_words(kLongest)));
  }
  [[nodiscard]] bool sees(std::string_view what) const { return text_.substr(at_).starts_with(what); }
  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  void push(TokenKind kind, std::size_t offset, std::size_t length, Value value = {}) {
    tokens_.push_back({kind, static_cast<std::uint32_t>(offset), text_.substr(offset, length), std::move(value)});
  }
  void skip_space() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }
  void push_data(std::size_t from, std::size_t to, bool strips_end) {
    std::string_view data = text_.substr(from, to - from);
    if (strips_end) data = right_stripped(data);
    if (!data.empty()) push(TokenKind::data, from, data.size());
  }

  /// Data up to the next tag, and that tag.
  Status step() {
    std::size_t open = text_.find('{', at_);
    while (open != std::string_view::npos && (open + 1 == text_.size() || !is_opening(text_[open + 1])))
      open = text_.find('{', open + 1);
    if (open == std::string_view::npos) open = text_.size();
    const std::size_t sign = open + 2;
    const bool strips = sign < text_.size() && text_[sign] == '-';
    push_data(at_, open, strips);
    at_ = open;
    if (open == text_.size()) return ok();
    switch (text_[open + 1]) {
      case '#': return comment();
      case '%':
        if (const auto raw = bare_tag(open, "raw")) return raw_block(*raw);
        return tag(TokenKind::tag_begin, TokenKind::tag_end, "%}");
      default: return tag(TokenKind::output_begin, TokenKind::output_end, "}}");
    }
  }
  static bool is_opening(char c) { return c == '{' || c == '%' || c == '#'; }

  Status comment() {
    const std::size_t open = at_;
    const std::size_t close = text_.find("#}", open + 2);
    if (close == std::string_view::npos) return fail(open, "found a comment that is not closed, expected #} after it");
    at_ = close + 2;
    if (close > open + 2 && text_[close - 1] == '-') skip_space();
    return ok();
  }

  [[nodiscard]] std::optional<BareTag> bare_tag(std::size_t open, std::string_view word) const {
    std::size_t i = open + 2;
    const auto skip_spaces = [&] {
      while (i < text_.size() && is_space(text_[i])) ++i;
    };
    BareTag tag{open, 0, false, false};
    if (i < text_.size() && (text_[i] == '-' || text_[i] == '+')) tag.strips_before = text_[i++] == '-';
    skip_spaces();
    if (!text_.substr(i).starts_with(word)) return std::nullopt;
    i += word.size();
    skip_spaces();
    if (i < text_.size() && (text_[i] == '-' || text_[i] == '+')) tag.strips_after = text_[i++] == '-';
    if (!text_.substr(i).starts_with("%}")) return std::nullopt;
    tag.end = i + 2;
    return tag;
  }

  Status raw_block(const BareTag& raw) {
    at_ = raw.end;
    if (raw.strips_after) skip_space();
    for (std::size_t i = text_.find("{%", at_); i != std::string_view::npos; i = text_.find("{%", i + 2)) {
      const auto end = bare_tag(i, "endraw");
      if (!end) continue;
      push_data(at_, i, end->strips_before);
      at_ = end->end;
      if (end->strips_after) skip_space();
      return ok();
    }
    return fail(raw.begin, "found a raw block that is not closed, expected {% endraw %} after it");
  }

  Status tag(TokenKind begin, TokenKind end, std::string_view close) {
    const std::size_t open = at_;
    at_ += 2;
    if (peek() == '-' || peek() == '+') ++at_;
    push(begin, open, at_ - open);
    for (;;) {
      skip_space();
      if (at_ == text_.size()) {
        MR_CHECK(check_brackets_closed());
        return fail(open, fmt::format("found a tag that is not closed, expected {} after it", close));
      }
      if (brackets_.empty() && closes(close)) break;
      MR_CHECK(token());
    }
    const std::size_t from = at_;
    const bool strips = peek() == '-';
    at_ += sees(close) ? close.size() : close.size() + 1;
    push(end, from, at_ - from);
    if (strips) skip_space();
    return ok();
  }

  [[nodiscard]] bool closes(std::string_view close) const {
    if (sees(close)) return true;
    const bool signed_end = peek() == '-' || (peek() == '+' && close == "%}");
    return signed_end && text_.substr(at_ + 1).starts_with(close);
  }

  Status token() {
    const char c = peek();
    if (starts_name(c)) {
      std::size_t end = at_;
      while (end < text_.size() && in_name(text_[end])) ++end;
      push(TokenKind::name, at_, end - at_);
      at_ = end;
      return ok();
    }
    if (is_digit(c)) return number();
    if (c == '\'' || c == '"') return quoted_text();
    return symbol();
  }

  [[nodiscard]] std::size_t digits_end(std::size_t i, bool hex = false) const {
    const auto counts = [&](char c) { return is_digit(c) || (hex && ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')); };
    while (i < text_.size() && (counts(text_[i]) || (text_[i] == '_' && i + 1 < text_.size() && counts(text_[i + 1]))))
      ++i;
    return i;
  }

  Status number() {
    const std::size_t from = at_;
    const char mark = static_cast<char>(peek(1) | 0x20);
    std::size_t end = 0;
    if (peek() == '0' && (mark == 'x' || mark == 'o' || mark == 'b')) {
      end = digits_end(from + 2, mark == 'x');
    } else {
      end = digits_end(from);
      const auto at = [&](std::size_t i) { return i < text_.size() ? text_[i] : '\0'; };
      // After a dot digits are an index, as in pairs.0.1
      const bool after_dot = !tokens_.empty() && tokens_.back().text == "." && tokens_.back().kind == TokenKind::symbol;
      if (!after_dot && at(end) == '.' && is_digit(at(end + 1))) end = digits_end(end + 1);
      if (!after_dot && (at(end) | 0x20) == 'e') {
        const std::size_t exponent = end + (at(end + 1) == '+' || at(end + 1) == '-' ? 2 : 1);
        if (is_digit(at(exponent))) end = digits_end(exponent);
      }
    }
    auto value = number_value(text_.substr(from, end - from));
    if (!value) return source_->located(std::move(value).error(), from);
    push(TokenKind::literal, from, end - from, *std::move(value));
    at_ = end;
    return ok();
  }

  Status quoted_text() {
    const std::size_t from = at_;
    std::size_t end = from + 1;
    while (end < text_.size() && text_[end] != text_[from]) end += text_[end] == '\\' ? 2 : 1;
    if (end >= text_.size())
      return fail(from, fmt::format("found a text that is not closed, expected {} after it", text_[from]));
    ++end;
    auto value = unescaped(text_.substr(from, end - from));
    if (!value) return source_->located(std::move(value).error(), from);
    push(TokenKind::literal, from, end - from, Value(*std::move(value)));
    at_ = end;
    return ok();
  }

  Status symbol() {
    static constexpr std::array<std::string_view, 6> kTwo{"**", "//", "==", "!=", ">=", "<="};
    static constexpr std::string_view kOne = "+-*/%~()[]{}<>=.:|,";
    for (const std::string_view two : kTwo) {
      if (!sees(two)) continue;
      push(TokenKind::symbol, at_, 2);
      at_ += 2;
      return ok();
    }
    const char c = peek();
    if (kOne.find(c) == std::string_view::npos)
      return fail(at_, fmt::format("found {}, expected an expression", printable(first_character(text_.substr(at_)))));
    if (c == '(' || c == '[' || c == '{') brackets_.push_back(at_);
    if (c == ')' || c == ']' || c == '}') MR_CHECK(close_bracket(c));
    push(TokenKind::symbol, at_, 1);
    ++at_;
    return ok();
  }

  Status close_bracket(char c) {
    if (brackets_.empty()) return fail(at_, fmt::format("found {} without its opening bracket", c));
    const char open = text_[brackets_.back()];
    const char wanted = open == '(' ? ')' : open == '[' ? ']' : '}';
    if (c != wanted)
      return fail(at_, fmt::format("found {}, expected {} to close the {} at {}", c, wanted, open,
                                   source_->where(brackets_.back())));
    brackets_.pop_back();
    return ok();
  }

  [[nodiscard]] Status check_brackets_closed() const {
    if (brackets_.empty()) return ok();
    return fail(brackets_.back(), fmt::format("found {} that is not closed", text_[brackets_.back()]));
  }

  const Source* source_;  // borrows; outlives us
  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<Token> tokens_;
  std::vector<std::size_t> brackets_;
};

}  // namespace

Result<std::vector<Token>> tokenize(const Source& source) { return Lexer(source).template_tokens(); }
Result<std::vector<Token>> tokenize_expression(const Source& source) { return Lexer(source).expression_tokens(); }

}  // namespace millrace::jinja
