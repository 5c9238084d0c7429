#include <fmt/format.h>

#include <algorithm>

#include "base/words.h"
#include "jinja/evaluator.h"

namespace millrace::jinja {
namespace {

constexpr std::size_t kTrailLines = 20;  // a runaway recursion must not fill the screen

bool is_parameter(const Macro& macro, std::string_view name) {
  return std::any_of(macro.parameters.begin(), macro.parameters.end(),
                     [&](const Parameter& p) { return p.name == name; });
}

Error wrong_arguments(const Macro& macro, std::string what, std::string hint = {}) {
  return {ErrorKind::invalid_input, fmt::format("{} '{}': {}", macro.tag, macro.name, what), std::move(hint), {}};
}

}  // namespace

Value Evaluator::macro_value(std::shared_ptr<const Ast> ast, const Macro& macro, std::weak_ptr<Frame> closure,
                             const Scope* globals) {
  // `macro` is part of `ast`, which the function keeps alive.
  return Value::function(
      macro.name, [ast = std::move(ast), &macro, closure = std::move(closure), globals](Run& run, const Args& args) {
        return invoke(run, ast, macro, closure, globals, args);
      });
}

Result<Value> Evaluator::invoke(Run& run, const std::shared_ptr<const Ast>& ast, const Macro& macro,
                                const std::weak_ptr<Frame>& closure, const Scope* globals, const Args& args) {
  const Run::Site called_from = run.site_;
  const bool is_caller = macro.tag == "call";
  if (run.macro_depth_ >= run.options_.limits.macro_depth)
    return Error{ErrorKind::invalid_input,
                 fmt::format("found more than {} macros inside each other", run.options_.limits.macro_depth),
                 fmt::format("'{}' seems to call itself without end", macro.name),
                 {}};
  Evaluator inner(run, ast, globals == nullptr ? run.globals() : *globals,
                  std::make_shared<Frame>(Frame{{}, closure.lock()}));
  MR_CHECK(inner.bind(macro, args));
  std::string out;
  if (!is_caller) ++run.macro_depth_;
  const auto flow = inner.exec(*macro.body, out);
  if (!is_caller) --run.macro_depth_;
  run.site_ = called_from;
  if (flow) return Value(std::move(out));
  // A return() inside a call block ends the macro that called the block, as in dbt.
  if (run.returning_ && !is_caller) return *std::exchange(run.returning_, std::nullopt);
  Error error = flow.error();
  if (run.returning_ || error.trail.size() >= kTrailLines) return error;
  return std::move(error).within(
      fmt::format("in {} '{}', called at {}", is_caller ? "the call block" : macro.tag, macro.name,
                  called_from.source == nullptr ? "the host" : called_from.source->where(called_from.offset)));
}

Status Evaluator::bind(const Macro& macro, const Args& args) {
  for (const auto& [name, value] : args.named) {
    if (is_parameter(macro, name) || macro.takes_kwargs || (name == "caller" && macro.takes_caller)) continue;
    if (name == "caller") return wrong_arguments(macro, "it is used in a call block but never calls caller()");
    std::vector<std::string> known;
    for (const Parameter& p : macro.parameters) known.push_back(p.name);
    const std::string near = nearest(name, known);
    return wrong_arguments(
        macro, fmt::format("found the argument '{}', expected {}", name, known.empty() ? "none" : join(known, ", ")),
        near.empty() ? "" : fmt::format("did you mean '{}'?", near));
  }
  if (args.positional.size() > macro.parameters.size() && !macro.takes_varargs)
    return wrong_arguments(
        macro, fmt::format("found {} arguments, expected at most {}", args.positional.size(), macro.parameters.size()));
  // All names first: in `macro f(x=x)` the default is the parameter itself, not a variable outside.
  for (const Parameter& p : macro.parameters) frame_->set(p.symbol, run_->missing(p.name));
  for (std::size_t i = 0; i < macro.parameters.size(); ++i) {
    const Parameter& p = macro.parameters[i];
    const Value* named = args.find(p.name);
    if (i < args.positional.size()) {
      if (named != nullptr) return wrong_arguments(macro, fmt::format("found the argument '{}' twice", p.name));
      frame_->set(p.symbol, args.positional[i]);
    } else if (named != nullptr) {
      frame_->set(p.symbol, *named);
    } else if (p.otherwise) {
      MR_TRY(Value otherwise, eval(*p.otherwise));
      frame_->set(p.symbol, std::move(otherwise));
    }
  }
  return bind_rest(macro, args);
}

/// varargs, kwargs and caller exist only in macros that name them.
Status Evaluator::bind_rest(const Macro& macro, const Args& args) {
  if (macro.takes_varargs) {
    const auto from = static_cast<std::ptrdiff_t>(std::min(args.positional.size(), macro.parameters.size()));
    frame_->set(macro.varargs, Value::tuple({args.positional.begin() + from, args.positional.end()}));
  }
  if (macro.takes_kwargs) {
    Dict rest;
    for (const auto& [name, value] : args.named)
      if (!is_parameter(macro, name) && !(name == "caller" && macro.takes_caller)) rest.set(name, value);
    frame_->set(macro.kwargs, Value::dict(std::move(rest)));
  }
  if (macro.takes_caller && macro.tag != "call" && !is_parameter(macro, "caller")) {
    const Value* caller = args.find("caller");
    frame_->set(macro.caller, caller != nullptr ? *caller : run_->missing("caller"));
  }
  return ok();
}

}  // namespace millrace::jinja
