#include "jinja/parser.h"

#include <fmt/format.h>

#include <array>

#include "base/words.h"
#include "jinja/parse_depth.h"

namespace millrace::jinja {
namespace {

/// The words that may end a body, quoted and joined: "'elif', 'else' or 'endif'".
std::string choices(std::span<const std::string_view> words) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i != 0) out += i + 1 == words.size() ? " or " : ", ";
    out += fmt::format("'{}'", words[i]);
  }
  return out;
}

}  // namespace

bool Parser::sees(std::string_view symbol) const { return now().kind == TokenKind::symbol && now().text == symbol; }
bool Parser::sees_word(std::string_view word) const { return now().kind == TokenKind::name && now().text == word; }

bool Parser::take(std::string_view symbol) {
  if (!sees(symbol)) return false;
  ++at_;
  return true;
}

bool Parser::take_word(std::string_view word) {
  if (!sees_word(word)) return false;
  ++at_;
  return true;
}

Status Parser::expect(std::string_view symbol) {
  if (take(symbol)) return ok();
  return fail(fmt::format("'{}'", symbol));
}

Result<std::string_view> Parser::expect_name(std::string_view what) {
  if (now().kind != TokenKind::name) return fail(what);
  return tokens_[at_++].text;
}

std::string Parser::found() const {
  switch (now().kind) {
    case TokenKind::end: return "the end";
    case TokenKind::data: return "text";
    case TokenKind::literal: return printable(now().text, 60);
    default: return fmt::format("'{}'", printable(now().text, 60));
  }
}

Error Parser::fail(std::string_view expected) const {
  return fail_at(now().offset, fmt::format("found {}, expected {}", found(), expected));
}

Error Parser::fail_at(std::uint32_t offset, std::string_view what, std::string_view hint) const {
  return ast_->source.error(ErrorKind::invalid_input, offset, what, hint);
}

Symbol Parser::symbol(std::string_view name) {
  const auto [at, is_new] = symbols_.emplace(name, static_cast<Symbol>(ast_->symbols.size()));
  if (is_new) ast_->symbols.emplace_back(name);
  return at->second;
}

Status Parser::parse_all() {
  MR_TRY(ast_->body, body_until({}, {}, 0));
  return ok();
}

Status Parser::parse_only_expression() {
  const std::uint32_t offset = now().offset;
  MR_TRY(ExprPtr value, expression_or_tuple(true));
  if (now().kind != TokenKind::end) return fail("the end of the expression");
  ast_->body.push_back({offset, Output{std::move(value)}});
  return ok();
}

/// Statements up to one of `ends`, whose name is the current token afterwards; with no ends, up to the end.
Result<Body> Parser::body_until(Ends ends, std::string_view opened_by, std::uint32_t opened_at) {
  const Nested nested(nesting_);
  if (nested.too_deep()) return fail_at(now().offset, Nested::kMessage);
  Body body;
  while (now().kind != TokenKind::end) {
    const Token& t = now();
    ++at_;
    if (t.kind == TokenKind::data) {
      body.push_back({t.offset, Data{t.text}});
    } else if (t.kind == TokenKind::output_begin) {
      MR_TRY(ExprPtr value, expression_or_tuple(true));
      if (now().kind != TokenKind::output_end) return fail("'}}'");
      ++at_;
      body.push_back({t.offset, Output{std::move(value)}});
    } else {
      if (now().kind != TokenKind::name) return fail("the name of a tag");
      const std::string_view tag = now().text;
      if (std::find(ends.begin(), ends.end(), tag) != ends.end()) return body;
      if (tag.starts_with("end") || tag == "else" || tag == "elif") {
        if (ends.size() == 0) return fail("a tag that opens something, as nothing is open here");
        return fail(fmt::format("{} for the '{}' at {}", choices(ends), opened_by, ast_->source.where(opened_at)));
      }
      ++at_;
      MR_CHECK(statement(body, tag, t.offset));
    }
  }
  if (ends.size() == 0) return body;
  return fail_at(opened_at,
                 fmt::format("found '{}' that is not closed, expected {} after it", opened_by, choices(ends)));
}

Status Parser::statement(Body& body, std::string_view tag, std::uint32_t offset) {
  const auto add = [&](Result<Stmt> made) -> Status {
    if (!made) return std::move(made).error();
    body.push_back(*std::move(made));
    return end_tag();
  };
  if (tag == "if") return add(if_statement(offset));
  if (tag == "for") return add(for_statement(offset));
  if (tag == "set") return add(set_statement(offset));
  if (tag == "macro" || std::find(macro_tags_.begin(), macro_tags_.end(), tag) != macro_tags_.end())
    return add(macro_statement(offset, tag));
  if (tag == "call") return add(call_statement(offset));
  if (tag == "filter") return add(filter_statement(offset));
  if (tag == "break" || tag == "continue") return add(jump_statement(offset, tag == "break"));
  if (tag != "do") return unknown_tag(tag, offset);
  MR_TRY(ExprPtr value, expression_or_tuple(true));
  return add(Stmt{offset, Do{std::move(value)}});
}

/// dbt's own macros write {% if x: %}, so a colon may stand before the end.
Status Parser::end_tag() {
  if (sees(":") && ahead(1).kind == TokenKind::tag_end) ++at_;
  if (now().kind != TokenKind::tag_end) return fail("'%}'");
  ++at_;
  return ok();
}

Error Parser::unknown_tag(std::string_view tag, std::uint32_t offset) const {
  static constexpr std::array<std::string_view, 11> kLeftOut{"include",   "import", "from",       "extends",
                                                             "block",     "with",   "autoescape", "trans",
                                                             "pluralize", "debug",  "recursive"};
  const bool left_out = std::find(kLeftOut.begin(), kLeftOut.end(), tag) != kLeftOut.end();
  std::vector<std::string> known{"if", "elif", "else", "for",    "set",   "macro",
                                 "do", "raw",  "call", "filter", "break", "continue"};
  known.insert(known.end(), macro_tags_.begin(), macro_tags_.end());
  const std::string near = left_out ? "" : nearest(tag, known);
  return ast_->source.error(
      ErrorKind::unsupported, offset,
      fmt::format("found the tag '{}', which {}", printable(tag, 60),
                  left_out ? "Millrace does not support" : "is no tag known here"),
      near.empty() ? fmt::format("the tags are: {}", join(known, ", ")) : fmt::format("did you mean '{}'?", near));
}

Result<std::shared_ptr<const Ast>> parse_template(Source source, std::span<const std::string> macro_tags) {
  // Tokens and Data nodes view the text, so the source gets its final address first.
  auto ast = std::make_shared<Ast>(Ast{std::move(source), {}, {}});
  MR_TRY(std::vector<Token> tokens, tokenize(ast->source));
  MR_CHECK(Parser(*ast, std::move(tokens), macro_tags).parse_all());
  return std::shared_ptr<const Ast>(std::move(ast));
}

Result<std::shared_ptr<const Ast>> parse_bare_expression(Source source) {
  auto ast = std::make_shared<Ast>(Ast{std::move(source), {}, {}});
  MR_TRY(std::vector<Token> tokens, tokenize_expression(ast->source));
  MR_CHECK(Parser(*ast, std::move(tokens), {}).parse_only_expression());
  return std::shared_ptr<const Ast>(std::move(ast));
}

}  // namespace millrace::jinja
