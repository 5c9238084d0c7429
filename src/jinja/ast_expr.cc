#include "jinja/ast_expr.h"

#include <algorithm>

namespace millrace::jinja {
namespace {

void deepen(std::uint32_t& depth, const ExprPtr& child) {
  if (child) depth = std::max(depth, child->depth);
}
void deepen(std::uint32_t& depth, const std::vector<ExprPtr>& children) {
  for (const ExprPtr& c : children) deepen(depth, c);
}
void deepen(std::uint32_t& depth, const Arguments& arguments) {
  for (const Argument& a : arguments) deepen(depth, a.value);
}
template <class A, class B, class... More>
void deepen(std::uint32_t& depth, const A& a, const B& b, const More&... more) {
  deepen(depth, a);
  deepen(depth, b);
  (deepen(depth, more), ...);
}

std::uint32_t depth_below(const Literal&) { return 0; }
std::uint32_t depth_below(const Variable&) { return 0; }
std::uint32_t depth_below(const Piped&) { return 0; }
template <class... Parts>
std::uint32_t deepest(const Parts&... parts) {
  std::uint32_t depth = 0;
  (deepen(depth, parts), ...);
  return depth;
}
std::uint32_t depth_below(const Row& n) { return deepest(n.items); }
std::uint32_t depth_below(const DictDisplay& n) {
  std::uint32_t depth = 0;
  for (const auto& [key, value] : n.entries) deepen(depth, key, value);
  return depth;
}
std::uint32_t depth_below(const Unary& n) { return deepest(n.operand); }
std::uint32_t depth_below(const Binary& n) { return deepest(n.left, n.right); }
std::uint32_t depth_below(const Logic& n) { return deepest(n.left, n.right); }
std::uint32_t depth_below(const Concat& n) { return deepest(n.parts); }
std::uint32_t depth_below(const Compare& n) {
  std::uint32_t depth = deepest(n.first);
  for (const auto& [op, operand] : n.rest) deepen(depth, operand);
  return depth;
}
std::uint32_t depth_below(const Choice& n) { return deepest(n.test, n.then, n.otherwise); }
std::uint32_t depth_below(const Attribute& n) { return deepest(n.object); }
std::uint32_t depth_below(const Subscript& n) { return deepest(n.object, n.key); }
std::uint32_t depth_below(const Slice& n) { return deepest(n.object, n.from, n.to, n.step); }
std::uint32_t depth_below(const Call& n) { return deepest(n.callee, n.arguments); }
std::uint32_t depth_below(const Filter& n) { return deepest(n.subject, n.arguments); }
std::uint32_t depth_below(const Test& n) { return deepest(n.subject, n.arguments); }

}  // namespace

std::uint32_t depth_below(const Expr& expr) {
  return std::visit([](const auto& node) { return depth_below(node); }, expr.node);
}

}  // namespace millrace::jinja
