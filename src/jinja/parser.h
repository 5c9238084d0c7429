#pragma once
/// \file jinja/parser.h
/// Tokens to tree, by recursive descent. parser.cc has the statements, parse_expression.cc the rest.

#include <algorithm>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "jinja/ast.h"
#include "jinja/lexer.h"

namespace millrace::jinja {

/// Errors of both: invalid_input for mistakes, unsupported for tags that are unknown or left out; located.
/// `macro_tags`: tags that define a macro as `macro` does, such as dbt's `test`.
Result<std::shared_ptr<const Ast>> parse_template(Source source, std::span<const std::string> macro_tags);
/// A template of one Output statement, from an expression without braces.
Result<std::shared_ptr<const Ast>> parse_bare_expression(Source source);

/// One parse. Threads: one thread at a time.
class Parser {
 public:
  Parser(Ast& ast, std::vector<Token> tokens, std::span<const std::string> macro_tags)
      : ast_(&ast), tokens_(std::move(tokens)), macro_tags_(macro_tags) {}
  Status parse_all();
  Status parse_only_expression();

 private:
  // Tokens.
  [[nodiscard]] const Token& now() const { return tokens_[at_]; }
  [[nodiscard]] const Token& ahead(std::size_t n) const { return tokens_[std::min(at_ + n, tokens_.size() - 1)]; }
  [[nodiscard]] bool sees(std::string_view symbol) const;
  [[nodiscard]] bool sees_word(std::string_view word) const;
  bool take(std::string_view symbol);
  bool take_word(std::string_view word);
  Status expect(std::string_view symbol);
  Result<std::string_view> expect_name(std::string_view what);
  [[nodiscard]] std::string found() const;
  [[nodiscard]] Error fail(std::string_view expected) const;  ///< "found now(), expected ..."
  [[nodiscard]] Error fail_at(std::uint32_t offset, std::string_view what, std::string_view hint = "") const;
  Symbol symbol(std::string_view name);

  // Statements.
  using Ends = std::initializer_list<std::string_view>;
  Result<Body> body_until(Ends ends, std::string_view opened_by, std::uint32_t opened_at);
  Status statement(Body& body, std::string_view tag, std::uint32_t offset);
  Status end_tag();
  Result<Stmt> if_statement(std::uint32_t offset);
  Result<Stmt> for_statement(std::uint32_t offset);
  Result<Stmt> set_statement(std::uint32_t offset);
  Result<Stmt> macro_statement(std::uint32_t offset, std::string_view tag);
  Result<Stmt> call_statement(std::uint32_t offset);
  Result<Stmt> filter_statement(std::uint32_t offset);
  Result<Stmt> jump_statement(std::uint32_t offset, bool is_break);
  Status parameters(Macro& macro);
  Status macro_body(Macro& macro, std::string_view tag);
  Result<Target> target(bool may_be_attribute);
  Result<Target> single_target(bool may_be_attribute);
  [[nodiscard]] Error unknown_tag(std::string_view tag, std::uint32_t offset) const;

  // Expressions.
  Result<ExprPtr> expression();
  Result<ExprPtr> expression_or_tuple(bool with_choice);
  Result<ExprPtr> or_expression();
  Result<ExprPtr> and_expression();
  Result<ExprPtr> not_expression();
  Result<ExprPtr> comparison();
  Result<ExprPtr> sum();
  Result<ExprPtr> concatenation();
  Result<ExprPtr> product();
  Result<ExprPtr> power();
  Result<ExprPtr> unary(bool with_filters);
  Result<ExprPtr> primary();
  Result<ExprPtr> text_literal();
  Result<ExprPtr> parenthesized();
  Result<ExprPtr> list_display();
  Result<ExprPtr> dict_display();
  Result<ExprPtr> postfix(ExprPtr object);
  Result<ExprPtr> attribute(ExprPtr object);
  Result<ExprPtr> subscript(ExprPtr object);
  Result<ExprPtr> filters_and_tests(ExprPtr subject);
  Result<ExprPtr> filter(ExprPtr subject);
  Result<ExprPtr> test(ExprPtr subject);
  Result<Arguments> arguments();
  Status argument(Arguments& to);
  [[nodiscard]] bool starts_expression() const;

  /// Errors: invalid_input if the tree below grows too deep.
  [[nodiscard]] Result<ExprPtr> make(std::uint32_t offset, Expr::Node node);

  Ast* ast_;  // borrows; outlives us
  std::vector<Token> tokens_;
  std::span<const std::string> macro_tags_;
  std::size_t at_ = 0;
  int nesting_ = 0;                  // of recursion in this class
  int loops_open_ = 0;               // `break` needs one
  std::vector<Macro*> open_macros_;  // each learns whether its body names varargs, kwargs, caller
  std::unordered_map<std::string_view, Symbol> symbols_;
};

}  // namespace millrace::jinja
