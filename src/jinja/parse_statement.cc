#include <fmt/format.h>

#include "jinja/parser.h"

namespace millrace::jinja {

Result<Stmt> Parser::if_statement(std::uint32_t offset) {
  If node;
  bool more = true;
  while (more) {
    MR_TRY(ExprPtr test, expression_or_tuple(true));
    MR_CHECK(end_tag());
    MR_TRY(Body body, body_until({"elif", "else", "endif"}, "if", offset));
    node.branches.emplace_back(std::move(test), std::move(body));
    more = take_word("elif");
  }
  if (take_word("else")) {
    MR_CHECK(end_tag());
    MR_TRY(node.otherwise, body_until({"endif"}, "if", offset));
  }
  ++at_;  // endif
  return Stmt{offset, std::move(node)};
}

Result<Stmt> Parser::for_statement(std::uint32_t offset) {
  For node;
  MR_TRY(node.target, target(false));
  if (!take_word("in")) return fail("'in'");
  MR_TRY(node.over, expression_or_tuple(false));
  if (take_word("if")) {
    MR_TRY(node.condition, expression());
  }
  if (sees_word("recursive")) return unknown_tag("recursive", now().offset);
  MR_CHECK(end_tag());
  node.loop = symbol("loop");
  ++loops_open_;
  MR_TRY(node.body, body_until({"else", "endfor"}, "for", offset));
  --loops_open_;
  if (take_word("else")) {
    MR_CHECK(end_tag());
    MR_TRY(node.otherwise, body_until({"endfor"}, "for", offset));
  }
  ++at_;  // endfor
  return Stmt{offset, std::move(node)};
}

Result<Stmt> Parser::set_statement(std::uint32_t offset) {
  MR_TRY(Target to, target(true));
  if (take("=")) {
    MR_TRY(ExprPtr value, expression_or_tuple(true));
    return Stmt{offset, Set{std::move(to), std::move(value)}};
  }
  if (!to.parts.empty()) return fail("'='");
  SetBlock node{std::move(to), {}, {}};
  while (take("|")) {
    if (!node.filters) {
      MR_TRY(node.filters, make(now().offset, Piped{}));
    }
    MR_TRY(node.filters, filter(std::move(node.filters)));
  }
  MR_CHECK(end_tag());
  MR_TRY(node.body, body_until({"endset"}, "set", offset));
  ++at_;
  return Stmt{offset, std::move(node)};
}

Result<Target> Parser::target(bool may_be_attribute) {
  const std::uint32_t offset = now().offset;
  std::vector<Target> parts;
  bool is_tuple = false;
  do {
    if (is_tuple && now().kind != TokenKind::name && !sees("(")) break;
    if (is_tuple && sees_word("in")) break;
    MR_TRY(Target part, single_target(may_be_attribute));
    parts.push_back(std::move(part));
    is_tuple = is_tuple || sees(",");
  } while (take(","));
  if (!is_tuple) return std::move(parts.front());
  return Target{offset, 0, {}, std::move(parts)};
}

Result<Target> Parser::single_target(bool may_be_attribute) {
  const std::uint32_t offset = now().offset;
  if (take("(")) {
    // Bounded by the tokens' nesting only, so it is counted like an expression.
    if (++nesting_ > 100) return fail_at(offset, "found too many levels of nesting");
    MR_TRY(Target inner, target(may_be_attribute));
    --nesting_;
    MR_CHECK(expect(")"));
    return inner;
  }
  MR_TRY(const std::string_view name, expect_name("a name to assign to"));
  if (name == "true" || name == "false" || name == "none" || name == "True" || name == "False" || name == "None")
    return fail_at(offset, fmt::format("found '{}', expected a name to assign to", name));
  Target out{offset, symbol(name), {}, {}};
  if (may_be_attribute && take(".")) {
    MR_TRY(const std::string_view attribute, expect_name("a name after '.'"));
    out.attribute = attribute;
  }
  return out;
}

Result<Stmt> Parser::macro_statement(std::uint32_t offset, std::string_view tag) {
  MacroDefinition node;
  Macro& macro = node.macro;
  MR_TRY(const std::string_view name, expect_name("the name of the macro"));
  macro.name = name;
  macro.tag = tag;
  macro.symbol = symbol(name);
  macro.offset = offset;
  MR_CHECK(parameters(macro));
  MR_CHECK(end_tag());
  MR_CHECK(macro_body(macro, tag));
  return Stmt{offset, std::move(node)};
}

Status Parser::macro_body(Macro& macro, std::string_view tag) {
  const std::string end = "end" + std::string(tag);
  const int loops_outside = std::exchange(loops_open_, 0);
  open_macros_.push_back(&macro);
  MR_TRY(Body body, body_until({end}, tag, macro.offset));
  open_macros_.pop_back();
  loops_open_ = loops_outside;
  ++at_;
  macro.varargs = symbol("varargs");
  macro.kwargs = symbol("kwargs");
  macro.caller = symbol("caller");
  macro.body = std::make_shared<const Body>(std::move(body));
  return ok();
}

Status Parser::parameters(Macro& macro) {
  MR_CHECK(expect("("));
  while (!take(")")) {
    const std::uint32_t offset = now().offset;
    MR_TRY(const std::string_view name, expect_name("the name of a parameter"));
    for (const Parameter& p : macro.parameters)
      if (p.name == name) return fail_at(offset, fmt::format("found the parameter '{}' twice", name));
    Parameter parameter{symbol(name), std::string(name), {}};
    if (take(":")) {
      // A type annotation says nothing about the rendered text; it is read and dropped.
      MR_TRY(const ExprPtr annotation, or_expression());
    }
    if (take("=")) {
      MR_TRY(parameter.otherwise, expression());
    } else if (!macro.parameters.empty() && macro.parameters.back().otherwise) {
      return fail_at(offset, fmt::format("found '{}' without a default after a parameter with one", name));
    }
    macro.parameters.push_back(std::move(parameter));
    if (!sees(")") && !take(",")) return fail("',' or ')'");
  }
  return ok();
}

Result<Stmt> Parser::call_statement(std::uint32_t offset) {
  CallBlock node;
  node.body.name = "caller";
  node.body.tag = "call";
  node.body.offset = offset;
  if (sees("(")) MR_CHECK(parameters(node.body));
  const std::uint32_t call_at = now().offset;
  MR_TRY(node.call, unary(false));
  if (!std::holds_alternative<Call>(node.call->node)) return fail_at(call_at, "found no call, expected name(...)");
  MR_CHECK(end_tag());
  MR_CHECK(macro_body(node.body, "call"));
  return Stmt{offset, std::move(node)};
}

Result<Stmt> Parser::filter_statement(std::uint32_t offset) {
  FilterBlock node;
  MR_TRY(node.filters, make(now().offset, Piped{}));
  do {
    MR_TRY(node.filters, filter(std::move(node.filters)));
  } while (take("|"));
  MR_CHECK(end_tag());
  MR_TRY(node.body, body_until({"endfilter"}, "filter", offset));
  ++at_;
  return Stmt{offset, std::move(node)};
}

Result<Stmt> Parser::jump_statement(std::uint32_t offset, bool is_break) {
  if (loops_open_ == 0)
    return fail_at(offset, fmt::format("found '{}' outside of a for", is_break ? "break" : "continue"));
  return Stmt{offset, Jump{is_break}};
}

}  // namespace millrace::jinja
