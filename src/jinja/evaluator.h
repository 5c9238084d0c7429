#pragma once
/// \file jinja/evaluator.h
/// Walks the tree of one template or macro call. evaluate.cc has the expressions, execute.cc the
/// statements, macro.cc the calls of macros.

#include <memory>
#include <string>

#include "jinja/ast.h"
#include "jinja/frame.h"
#include "jinja/run.h"

namespace millrace::jinja {

/// Errors of all members: located, kinds invalid_input, unsupported, and whatever host functions return.
/// Threads: one thread at a time.
class Evaluator {
 public:
  enum class Flow : std::uint8_t { normal, break_loop, continue_loop };

  Evaluator(Run& run, std::shared_ptr<const Ast> ast, const Scope& globals, std::shared_ptr<Frame> frame)
      : run_(&run), ast_(std::move(ast)), globals_(&globals), frame_(std::move(frame)) {}

  Result<Value> eval(const Expr& expr);
  Result<Flow> exec(const Body& body, std::string& out);

  /// A macro as a value. `closure` may be empty. Null `globals`: those of the run that calls it.
  static Value macro_value(std::shared_ptr<const Ast> ast, const Macro& macro, std::weak_ptr<Frame> closure,
                           const Scope* globals);

 private:
  // Expressions; `at` is the node's offset.
  Result<Value> eval(const Literal& n, std::uint32_t at);
  Result<Value> eval(const Variable& n, std::uint32_t at);
  Result<Value> eval(const Piped& n, std::uint32_t at);
  Result<Value> eval(const Row& n, std::uint32_t at);
  Result<Value> eval(const DictDisplay& n, std::uint32_t at);
  Result<Value> eval(const Unary& n, std::uint32_t at);
  Result<Value> eval(const Binary& n, std::uint32_t at);
  Result<Value> eval(const Logic& n, std::uint32_t at);
  Result<Value> eval(const Concat& n, std::uint32_t at);
  Result<Value> eval(const Compare& n, std::uint32_t at);
  Result<Value> eval(const Choice& n, std::uint32_t at);
  Result<Value> eval(const Attribute& n, std::uint32_t at);
  Result<Value> eval(const Subscript& n, std::uint32_t at);
  Result<Value> eval(const Slice& n, std::uint32_t at);
  Result<Value> eval(const Call& n, std::uint32_t at);
  Result<Value> eval(const Filter& n, std::uint32_t at);
  Result<Value> eval(const Test& n, std::uint32_t at);
  Result<Value> call(const Value& callee, const Args& args, std::uint32_t at, Kind owner = Kind::none);
  Result<Value> call_node(const Call& n, std::uint32_t at, const Value* caller);
  Result<Args> args(const Arguments& arguments, std::uint32_t at);
  Status spread(const Argument& argument, Args& to);
  Result<bool> test(const Expr& expr);
  [[nodiscard]] std::string suggestion(const Value& absent, Kind owner) const;

  // Statements.
  Result<Flow> exec(const Data& n, std::uint32_t at, std::string& out);
  Result<Flow> exec(const Output& n, std::uint32_t at, std::string& out);
  Result<Flow> exec(const If& n, std::uint32_t at, std::string& out);
  Result<Flow> exec(const For& n, std::uint32_t at, std::string& out);
  Result<Flow> exec(const Set& n, std::uint32_t at, std::string& out);
  Result<Flow> exec(const SetBlock& n, std::uint32_t at, std::string& out);
  Result<Flow> exec(const MacroDefinition& n, std::uint32_t at, std::string& out);
  Result<Flow> exec(const Do& n, std::uint32_t at, std::string& out);
  Result<Flow> exec(const CallBlock& n, std::uint32_t at, std::string& out);
  Result<Flow> exec(const FilterBlock& n, std::uint32_t at, std::string& out);
  Result<Flow> exec(const Jump& n, std::uint32_t at, std::string& out);
  Result<std::vector<Value>> loop_items(const For& n);
  Result<Flow> loop_turns(const For& n, std::vector<Value> items, std::string& out);
  Result<Flow> in_inner_frame(const Body& body, std::string& out);
  Result<Value> piped_through(const ExprPtr& filters, std::string text);
  Status assign(const Target& target, const Value& value);
  Status assign_attribute(const Target& target, const Value& value);
  Status emit(std::string_view text, std::uint32_t at, std::string& out);

  // Macros.
  static Result<Value> invoke(Run& run, const std::shared_ptr<const Ast>& ast, const Macro& macro,
                              const std::weak_ptr<Frame>& closure, const Scope* globals, const Args& args);
  Status bind(const Macro& macro, const Args& args);
  Status bind_rest(const Macro& macro, const Args& args);

  [[nodiscard]] Error located(Error error, std::uint32_t at) {
    return run_->located(ast_->source, at, std::move(error));
  }
  [[nodiscard]] Error failed(std::uint32_t at, std::string what, std::string hint = {}) {
    return located({ErrorKind::invalid_input, std::move(what), std::move(hint), {}}, at);
  }

  Run* run_;  // borrows; outlives us
  std::shared_ptr<const Ast> ast_;
  const Scope* globals_;  // borrows; outlives us
  std::shared_ptr<Frame> frame_;
  Value piped_;
};

/// Like MR_TRY, but an error gets the place `at` of this evaluator's source, unless it has one.
#define MR_AT_(tmp, at, lhs, expr)                        \
  auto tmp = (expr);                                      \
  if (!tmp) return located(std::move(tmp).error(), (at)); \
  lhs = *std::move(tmp)
#define MR_AT(at, lhs, ...) MR_AT_(MR_CAT(mr_at_, __LINE__), at, lhs, (__VA_ARGS__))

}  // namespace millrace::jinja
