#include <fmt/format.h>

#include "base/words.h"
#include "jinja/compare.h"
#include "jinja/evaluator.h"
#include "jinja/filters.h"
#include "jinja/methods.h"
#include "jinja/operations.h"
#include "jinja/print.h"

namespace millrace::jinja {

Result<Value> Evaluator::eval(const Expr& expr) {
  if (auto fine = run_->meter_.spend(); !fine) return located(std::move(fine).error(), expr.offset);
  if (auto fine = run_->meter_.check_stack(); !fine) return located(std::move(fine).error(), expr.offset);
  return std::visit([&](const auto& node) { return eval(node, expr.offset); }, expr.node);
}

Result<Value> Evaluator::eval(const Literal& n, std::uint32_t /*at*/) { return n.value; }

Result<Value> Evaluator::eval(const Variable& n, std::uint32_t /*at*/) {
  if (const Value* v = frame_->find(n.symbol)) return *v;
  const std::string& name = ast_->symbols[n.symbol];
  if (auto v = globals_->find(name)) return *std::move(v);
  if (auto v = builtin(name)) return *std::move(v);
  return run_->missing(name);
}

Result<Value> Evaluator::eval(const Piped& /*n*/, std::uint32_t /*at*/) { return piped_; }

Result<Value> Evaluator::eval(const Row& n, std::uint32_t /*at*/) {
  std::vector<Value> items;
  items.reserve(n.items.size());
  for (const ExprPtr& e : n.items) {
    MR_TRY(Value item, eval(*e));
    items.push_back(std::move(item));
  }
  return n.is_tuple ? Value::tuple(std::move(items)) : Value::list(std::move(items));
}

Result<Value> Evaluator::eval(const DictDisplay& n, std::uint32_t /*at*/) {
  Dict dict;
  for (const auto& [k, v] : n.entries) {
    MR_TRY(const Value key, eval(*k));
    MR_TRY(Value value, eval(*v));
    MR_AT(k->offset, [[maybe_unused]] const auto done, dict.set_key(key, std::move(value)));
  }
  return Value::dict(std::move(dict));
}

Result<Value> Evaluator::eval(const Unary& n, std::uint32_t at) {
  if (n.op == UnaryOp::logical_not) {
    MR_TRY(const bool holds, test(*n.operand));
    return Value(!holds);
  }
  MR_TRY(const Value operand, eval(*n.operand));
  MR_AT(at, Value value, unary(n.op, operand));
  return value;
}

Result<Value> Evaluator::eval(const Binary& n, std::uint32_t at) {
  MR_TRY(const Value left, eval(*n.left));
  MR_TRY(const Value right, eval(*n.right));
  MR_AT(at, Value value, binary(n.op, left, right, *run_));
  return value;
}

Result<bool> Evaluator::test(const Expr& expr) {
  MR_TRY(const Value v, eval(expr));
  MR_AT(expr.offset, const bool holds, truth(v));
  return holds;
}

Result<Value> Evaluator::eval(const Logic& n, std::uint32_t /*at*/) {
  MR_TRY(Value left, eval(*n.left));
  MR_AT(n.left->offset, const bool holds, truth(left));
  if (holds != n.is_and) return left;
  return eval(*n.right);
}

Result<Value> Evaluator::eval(const Concat& n, std::uint32_t at) {
  std::string out;
  for (const ExprPtr& e : n.parts) {
    MR_TRY(const Value part, eval(*e));
    MR_AT(e->offset, const std::string text, to_text(part, run_->meter_));
    MR_AT(at, [[maybe_unused]] const auto fits, run_->meter_.spend_text(out.size() + text.size()));
    out += text;
  }
  return Value(std::move(out));
}

Result<Value> Evaluator::eval(const Compare& n, std::uint32_t /*at*/) {
  MR_TRY(Value left, eval(*n.first));
  for (const auto& [op, operand] : n.rest) {
    MR_TRY(Value right, eval(*operand));
    MR_AT(operand->offset, const bool holds, compare(op, left, right, run_->meter_));
    if (!holds) return Value(false);
    left = std::move(right);
  }
  return Value(true);
}

Result<Value> Evaluator::eval(const Choice& n, std::uint32_t /*at*/) {
  MR_TRY(const bool holds, test(*n.test));
  if (holds) return eval(*n.then);
  if (n.otherwise) return eval(*n.otherwise);
  // Prints '' in every mode: packages write {{ 'x' if y }} on purpose.
  return Value::undefined({"the inline if without else", {}, Missing::permissive});
}

Result<Value> Evaluator::eval(const Attribute& n, std::uint32_t at) {
  MR_TRY(const Value object, eval(*n.object));
  MR_AT(at, Value value, attribute_of(object, n.name, *run_));
  return value;
}

Result<Value> Evaluator::eval(const Subscript& n, std::uint32_t at) {
  MR_TRY(const Value object, eval(*n.object));
  MR_TRY(const Value key, eval(*n.key));
  MR_AT(at, Value value, item_of(object, key, *run_));
  return value;
}

Result<Value> Evaluator::eval(const Slice& n, std::uint32_t at) {
  MR_TRY(const Value object, eval(*n.object));
  Value from, to, step;
  if (n.from) {
    MR_TRY(from, eval(*n.from));
  }
  if (n.to) {
    MR_TRY(to, eval(*n.to));
  }
  if (n.step) {
    MR_TRY(step, eval(*n.step));
  }
  MR_AT(at, Value value, slice_of(object, from, to, step, *run_));
  return value;
}

Result<Value> Evaluator::eval(const Call& n, std::uint32_t at) { return call_node(n, at, nullptr); }

Result<Value> Evaluator::call_node(const Call& n, std::uint32_t at, const Value* caller) {
  const auto with_caller = [&](Args a) {
    if (caller != nullptr) a.named.emplace_back("caller", *caller);
    return a;
  };
  const auto* method = std::get_if<Attribute>(&n.callee->node);
  if (method == nullptr) {
    MR_TRY(const Value callee, eval(*n.callee));
    MR_TRY(Args passed, args(n.arguments, at));
    return call(callee, with_caller(std::move(passed)), at);
  }
  MR_TRY(const Value object, eval(*method->object));
  if (const Method* direct = find_method(object.kind(), method->name)) {
    MR_TRY(const Args passed, args(n.arguments, at));
    run_->site_ = {&ast_->source, n.callee->offset};
    MR_AT(n.callee->offset, Value value, direct->call(*run_, object, with_caller(passed)));
    return value;
  }
  MR_AT(n.callee->offset, const Value callee, attribute_of(object, method->name, *run_));
  MR_TRY(Args passed, args(n.arguments, at));
  return call(callee, with_caller(std::move(passed)), n.callee->offset, object.kind());
}

Result<Value> Evaluator::call(const Value& callee, const Args& args, std::uint32_t at, Kind owner) {
  run_->site_ = {&ast_->source, at};
  auto value = run_->call(callee, args);
  if (value) return value;
  Error error = std::move(value).error();
  if (callee.is(Kind::undefined) && error.hint.empty()) error.hint = suggestion(callee, owner);
  return located(std::move(error), at);
}

/// The hint for a call of something that is not there.
std::string Evaluator::suggestion(const Value& absent, Kind owner) const {
  std::vector<std::string> known;
  if (!absent.absence().owner.empty()) {
    for (const Method& m : methods_of(owner)) known.emplace_back(m.name);
  } else {
    known = globals_->names();
    for (std::string& name : builtin_names()) known.push_back(std::move(name));
    for (const Frame* f = frame_.get(); f != nullptr; f = f->parent.get())
      for (const auto& [symbol, value] : f->variables) known.push_back(ast_->symbols[symbol]);
  }
  std::erase(known, absent.absence().name);  // a parameter that was not passed
  const std::string near = nearest(absent.absence().name, known);
  return near.empty() ? "" : fmt::format("did you mean '{}'?", near);
}

Result<Args> Evaluator::args(const Arguments& arguments, std::uint32_t at) {
  Args out;
  for (const Argument& a : arguments) {
    if (a.spread != Spread::none) {
      MR_CHECK(spread(a, out));
      continue;
    }
    MR_TRY(Value value, eval(*a.value));
    if (a.name.empty()) {
      out.positional.push_back(std::move(value));
    } else if (out.find(a.name) != nullptr) {
      return failed(at, fmt::format("found the argument '{}' twice", a.name));
    } else {
      out.named.emplace_back(a.name, std::move(value));
    }
  }
  return out;
}

Status Evaluator::spread(const Argument& argument, Args& to) {
  const std::uint32_t at = argument.value->offset;
  MR_TRY(const Value value, eval(*argument.value));
  if (argument.spread == Spread::list) {
    MR_AT(at, std::vector<Value> items, iterate(value, run_->meter_));
    for (Value& item : items) to.positional.push_back(std::move(item));
    return ok();
  }
  if (!value.is(Kind::dict)) return failed(at, fmt::format("found {} after **, expected a dict", value.type_name()));
  for (const Dict::Entry& e : value.dict_entries().entries()) {
    if (!e.key.is(Kind::text))
      return failed(at, fmt::format("found the key {} after **, expected names", e.key.type_name()));
    if (to.find(e.key.text()) != nullptr) return failed(at, fmt::format("found the argument '{}' twice", e.key.text()));
    to.named.emplace_back(e.key.text(), e.value);
  }
  return ok();
}

Result<Value> Evaluator::eval(const Filter& n, std::uint32_t at) {
  MR_TRY(const Value subject, eval(*n.subject));
  MR_TRY(const Args passed, args(n.arguments, at));
  MR_AT(at, Value value, apply_filter(n.name, *run_, subject, passed));
  return value;
}

Result<Value> Evaluator::eval(const Test& n, std::uint32_t at) {
  MR_TRY(const Value subject, eval(*n.subject));
  MR_TRY(const Args passed, args(n.arguments, at));
  MR_AT(at, const bool holds, apply_test(n.name, *run_, subject, passed));
  return Value(holds);
}

}  // namespace millrace::jinja
