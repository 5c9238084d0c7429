#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "jinja/parse_depth.h"
#include "jinja/parser.h"

namespace millrace::jinja {
namespace {

constexpr std::uint32_t kDeepestTree = 1000;
constexpr std::array<std::string_view, 7> kReserved{"and", "or", "not", "in", "is", "if", "else"};

bool is_reserved(std::string_view word) {
  return std::find(kReserved.begin(), kReserved.end(), word) != kReserved.end();
}

}  // namespace

Result<ExprPtr> Parser::make(std::uint32_t offset, Expr::Node node) {
  auto made = std::make_unique<Expr>(Expr{offset, 1, std::move(node)});
  made->depth = depth_below(*made) + 1;
  if (made->depth <= kDeepestTree) return made;
  return fail_at(offset, fmt::format("found an expression of more than {} levels", kDeepestTree),
                 "set parts of it to variables first");
}

Result<ExprPtr> Parser::expression() {
  const Nested nested(nesting_);
  if (nested.too_deep()) return fail_at(now().offset, Nested::kMessage);
  MR_TRY(ExprPtr value, or_expression());
  while (sees_word("if")) {
    const std::uint32_t offset = now().offset;
    ++at_;
    MR_TRY(ExprPtr test, or_expression());
    ExprPtr otherwise;
    if (take_word("else")) {
      MR_TRY(otherwise, expression());
    }
    MR_TRY(value, make(offset, Choice{std::move(test), std::move(value), std::move(otherwise)}));
  }
  return value;
}

Result<ExprPtr> Parser::expression_or_tuple(bool with_choice) {
  const std::uint32_t offset = now().offset;
  std::vector<ExprPtr> items;
  bool is_tuple = false;
  for (;;) {
    if (is_tuple && !starts_expression()) break;
    MR_TRY(ExprPtr item, with_choice ? expression() : or_expression());
    items.push_back(std::move(item));
    if (!take(",")) break;
    is_tuple = true;
  }
  if (!is_tuple) return std::move(items.front());
  return make(offset, Row{true, std::move(items)});
}

bool Parser::starts_expression() const {
  const Token& t = now();
  if (t.kind == TokenKind::literal) return true;
  if (t.kind == TokenKind::name) return t.text == "not" || !is_reserved(t.text);
  return sees("(") || sees("[") || sees("{") || sees("-") || sees("+");
}

Result<ExprPtr> Parser::or_expression() {
  MR_TRY(ExprPtr left, and_expression());
  while (sees_word("or")) {
    const std::uint32_t offset = now().offset;
    ++at_;
    MR_TRY(ExprPtr right, and_expression());
    MR_TRY(left, make(offset, Logic{false, std::move(left), std::move(right)}));
  }
  return left;
}

Result<ExprPtr> Parser::and_expression() {
  MR_TRY(ExprPtr left, not_expression());
  while (sees_word("and")) {
    const std::uint32_t offset = now().offset;
    ++at_;
    MR_TRY(ExprPtr right, not_expression());
    MR_TRY(left, make(offset, Logic{true, std::move(left), std::move(right)}));
  }
  return left;
}

Result<ExprPtr> Parser::not_expression() {
  if (!sees_word("not")) return comparison();
  const Nested nested(nesting_);
  if (nested.too_deep()) return fail_at(now().offset, Nested::kMessage);
  const std::uint32_t offset = now().offset;
  ++at_;
  MR_TRY(ExprPtr operand, not_expression());
  return make(offset, Unary{UnaryOp::logical_not, std::move(operand)});
}

Result<ExprPtr> Parser::comparison() {
  static constexpr std::array<std::pair<std::string_view, CompareOp>, 6> kOps{{{"==", CompareOp::equal},
                                                                               {"!=", CompareOp::not_equal},
                                                                               {"<", CompareOp::less},
                                                                               {"<=", CompareOp::less_equal},
                                                                               {">", CompareOp::greater},
                                                                               {">=", CompareOp::greater_equal}}};
  const auto take_operator = [&]() -> std::optional<CompareOp> {
    for (const auto& [text, op] : kOps)
      if (take(text)) return op;
    if (take_word("in")) return CompareOp::in;
    if (!sees_word("not") || ahead(1).kind != TokenKind::name || ahead(1).text != "in") return std::nullopt;
    at_ += 2;
    return CompareOp::not_in;
  };
  MR_TRY(ExprPtr first, sum());
  std::vector<std::pair<CompareOp, ExprPtr>> rest;
  std::uint32_t offset = now().offset;
  while (const auto op = take_operator()) {
    MR_TRY(ExprPtr operand, sum());
    rest.emplace_back(*op, std::move(operand));
  }
  if (rest.empty()) return first;
  return make(offset, Compare{std::move(first), std::move(rest)});
}

Result<ExprPtr> Parser::sum() {
  MR_TRY(ExprPtr left, concatenation());
  while (sees("+") || sees("-")) {
    const std::uint32_t offset = now().offset;
    const BinaryOp op = sees("+") ? BinaryOp::add : BinaryOp::subtract;
    ++at_;
    MR_TRY(ExprPtr right, concatenation());
    MR_TRY(left, make(offset, Binary{op, std::move(left), std::move(right)}));
  }
  return left;
}

Result<ExprPtr> Parser::concatenation() {
  MR_TRY(ExprPtr first, product());
  if (!sees("~")) return first;
  const std::uint32_t offset = now().offset;
  std::vector<ExprPtr> parts;
  parts.push_back(std::move(first));
  while (take("~")) {
    MR_TRY(ExprPtr part, product());
    parts.push_back(std::move(part));
  }
  return make(offset, Concat{std::move(parts)});
}

Result<ExprPtr> Parser::product() {
  static constexpr std::array<std::pair<std::string_view, BinaryOp>, 4> kOps{
      {{"*", BinaryOp::multiply}, {"/", BinaryOp::divide}, {"//", BinaryOp::floor_divide}, {"%", BinaryOp::modulo}}};
  MR_TRY(ExprPtr left, power());
  for (;;) {
    const auto* const op = std::find_if(kOps.begin(), kOps.end(), [&](const auto& o) { return sees(o.first); });
    if (op == kOps.end()) return left;
    const std::uint32_t offset = now().offset;
    ++at_;
    MR_TRY(ExprPtr right, power());
    MR_TRY(left, make(offset, Binary{op->second, std::move(left), std::move(right)}));
  }
}

Result<ExprPtr> Parser::power() {
  MR_TRY(ExprPtr left, unary(true));
  while (sees("**")) {
    const std::uint32_t offset = now().offset;
    ++at_;
    MR_TRY(ExprPtr right, unary(true));
    // Jinja groups from the left, unlike Python: 2 ** 3 ** 2 is 64.
    MR_TRY(left, make(offset, Binary{BinaryOp::power, std::move(left), std::move(right)}));
  }
  return left;
}

Result<ExprPtr> Parser::unary(bool with_filters) {
  ExprPtr value;
  if (sees("-") || sees("+")) {
    const Nested nested(nesting_);
    if (nested.too_deep()) return fail_at(now().offset, Nested::kMessage);
    const std::uint32_t offset = now().offset;
    const UnaryOp op = sees("-") ? UnaryOp::negate : UnaryOp::plus;
    ++at_;
    MR_TRY(ExprPtr operand, unary(false));
    MR_TRY(value, make(offset, Unary{op, std::move(operand)}));
  } else {
    MR_TRY(value, primary());
    MR_TRY(value, postfix(std::move(value)));
  }
  if (!with_filters) return value;
  return filters_and_tests(std::move(value));
}

Result<ExprPtr> Parser::primary() {
  const Token& t = now();
  if (t.kind == TokenKind::literal) return text_literal();
  if (t.kind == TokenKind::name && !is_reserved(t.text)) {
    ++at_;
    if (t.text == "true" || t.text == "True") return make(t.offset, Literal{Value(true)});
    if (t.text == "false" || t.text == "False") return make(t.offset, Literal{Value(false)});
    if (t.text == "none" || t.text == "None") return make(t.offset, Literal{Value()});
    for (Macro* m : open_macros_) {
      m->takes_varargs |= t.text == "varargs";
      m->takes_kwargs |= t.text == "kwargs";
      m->takes_caller |= t.text == "caller";
    }
    return make(t.offset, Variable{symbol(t.text)});
  }
  if (sees("(")) return parenthesized();
  if (sees("[")) return list_display();
  if (sees("{")) return dict_display();
  return fail("an expression");
}

Result<ExprPtr> Parser::text_literal() {
  const Token& first = now();
  ++at_;
  if (!first.value.is(Kind::text) || now().kind != TokenKind::literal || !now().value.is(Kind::text))
    return make(first.offset, Literal{first.value});
  std::string text = first.value.text();
  for (; now().kind == TokenKind::literal && now().value.is(Kind::text); ++at_) text += now().value.text();
  return make(first.offset, Literal{Value(std::move(text))});
}

Result<ExprPtr> Parser::parenthesized() {
  const std::uint32_t offset = now().offset;
  ++at_;
  if (take(")")) return make(offset, Row{true, {}});
  MR_TRY(ExprPtr inner, expression_or_tuple(true));
  MR_CHECK(expect(")"));
  return inner;
}

Result<ExprPtr> Parser::list_display() {
  const std::uint32_t offset = now().offset;
  ++at_;
  std::vector<ExprPtr> items;
  while (!take("]")) {
    MR_TRY(ExprPtr item, expression());
    items.push_back(std::move(item));
    if (!sees("]") && !take(",")) return fail("',' or ']'");
  }
  return make(offset, Row{false, std::move(items)});
}

Result<ExprPtr> Parser::dict_display() {
  const std::uint32_t offset = now().offset;
  ++at_;
  std::vector<std::pair<ExprPtr, ExprPtr>> entries;
  while (!take("}")) {
    MR_TRY(ExprPtr key, expression());
    MR_CHECK(expect(":"));
    MR_TRY(ExprPtr value, expression());
    entries.emplace_back(std::move(key), std::move(value));
    if (!sees("}") && !take(",")) return fail("',' or '}'");
  }
  return make(offset, DictDisplay{std::move(entries)});
}

}  // namespace millrace::jinja
