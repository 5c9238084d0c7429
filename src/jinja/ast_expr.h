#pragma once
/// \file jinja/ast_expr.h
/// The expression half of a parsed template.
/// Threads: safe to share once parsed.

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "jinja/value.h"

namespace millrace::jinja {

struct Expr;
using ExprPtr = std::unique_ptr<Expr>;
using Symbol = std::uint32_t;  ///< index of a variable's name in Ast::symbols

enum class UnaryOp : std::uint8_t { negate, plus, logical_not };
enum class BinaryOp : std::uint8_t { add, subtract, multiply, divide, floor_divide, modulo, power };
enum class CompareOp : std::uint8_t { equal, not_equal, less, less_equal, greater, greater_equal, in, not_in };
enum class Spread : std::uint8_t { none, list, dict };

struct Argument {
  std::string name;  ///< empty: positional
  Spread spread = Spread::none;
  ExprPtr value;
};
using Arguments = std::vector<Argument>;

struct Literal {
  Value value;
};
struct Variable {
  Symbol symbol;
};
struct Piped {};  ///< the text that a filter block or set block hands to its filters
struct Row {
  bool is_tuple;
  std::vector<ExprPtr> items;
};
struct DictDisplay {
  std::vector<std::pair<ExprPtr, ExprPtr>> entries;
};
struct Unary {
  UnaryOp op;
  ExprPtr operand;
};
struct Binary {
  BinaryOp op;
  ExprPtr left, right;
};
struct Logic {
  bool is_and;
  ExprPtr left, right;
};
struct Concat {
  std::vector<ExprPtr> parts;
};
struct Compare {
  ExprPtr first;
  std::vector<std::pair<CompareOp, ExprPtr>> rest;
};
struct Choice {
  ExprPtr test, then, otherwise;
};  ///< otherwise may be null
struct Attribute {
  ExprPtr object;
  std::string name;
};
struct Subscript {
  ExprPtr object, key;
};
struct Slice {
  ExprPtr object, from, to, step;
};  ///< from, to, step may be null
struct Call {
  ExprPtr callee;
  Arguments arguments;
};
struct Filter {
  ExprPtr subject;
  std::string name;
  Arguments arguments;
};
struct Test {
  ExprPtr subject;
  std::string name;
  Arguments arguments;
};

struct Expr {
  using Node = std::variant<Literal, Variable, Piped, Row, DictDisplay, Unary, Binary, Logic, Concat, Compare, Choice,
                            Attribute, Subscript, Slice, Call, Filter, Test>;
  std::uint32_t offset;
  std::uint32_t depth;  ///< of this tree; bounded, because evaluation and destruction recurse
  Node node;
};

std::uint32_t depth_below(const Expr& expr);  ///< the greatest depth of its parts; 0 for a leaf

}  // namespace millrace::jinja
