#include "jinja/template.h"

#include <fmt/format.h>

#include <exception>

#include "base/words.h"
#include "jinja/evaluator.h"
#include "jinja/parser.h"

namespace millrace::jinja {
namespace {

/// Host functions and the standard library may throw; nothing may leave the module that way.
template <class Work>
auto without_throwing(std::string_view name, Work work) -> decltype(work()) {
  try {
    return work();
  } catch (const std::exception& e) {
    return Error{ErrorKind::internal, fmt::format("{}: {}", name, e.what()), {}, {}};
  } catch (...) {
    return Error{ErrorKind::internal, fmt::format("{}: something unknown was thrown", name), {}, {}};
  }
}

const Macro* macro_of(const Stmt& statement) {
  const auto* definition = std::get_if<MacroDefinition>(&statement.node);
  return definition == nullptr ? nullptr : &definition->macro;
}

}  // namespace

/// The way into a template's tree for the functions below.
class Rendering {
 public:
  static Result<std::string> text(const Template& t, Run& run) {
    std::string out;
    MR_TRY([[maybe_unused]] const auto flow, evaluator(t, run).exec(t.ast_->body, out));
    return out;
  }
  static Result<Value> native(const Template& t, Run& run) {
    run.make_native();
    if (t.ast_->body.size() == 1)
      if (const auto* output = std::get_if<Output>(&t.ast_->body.front().node))
        return evaluator(t, run).eval(*output->value);
    MR_TRY(std::string out, text(t, run));
    return Value(std::move(out));
  }

 private:
  static Evaluator evaluator(const Template& t, Run& run) {
    return {run, t.ast_, run.globals(), std::make_shared<Frame>()};
  }
};

const std::string& Template::name() const { return ast_->source.name(); }

std::vector<MacroSignature> Template::macros() const {
  std::vector<MacroSignature> out;
  for (const Stmt& s : ast_->body) {
    const Macro* m = macro_of(s);
    if (m == nullptr) continue;
    MacroSignature signature{m->name, m->tag, {}, ast_->source.place(m->offset)};
    for (const Parameter& p : m->parameters) signature.parameters.push_back({p.name, p.otherwise != nullptr});
    out.push_back(std::move(signature));
  }
  return out;
}

Result<Value> Template::macro(std::string_view name, const Scope* globals) const {
  for (auto s = ast_->body.rbegin(); s != ast_->body.rend(); ++s) {
    const Macro* m = macro_of(*s);
    if (m != nullptr && m->name == name) return Evaluator::macro_value(ast_, *m, {}, globals);
  }
  std::vector<std::string> known;
  for (const MacroSignature& m : macros()) known.push_back(m.name);
  const std::string near = nearest(name, known);
  return Error{ErrorKind::not_found,
               fmt::format("{} has no macro '{}'", this->name(), name),
               near.empty() ? "" : fmt::format("did you mean '{}'?", near),
               {}};
}

Result<Template> parse(std::string_view text, std::string_view name, const ParseOptions& options) {
  return without_throwing(name, [&]() -> Result<Template> {
    MR_TRY(std::shared_ptr<const Ast> ast, parse_template(Source(text, name, options.start), options.macro_tags));
    return Template(std::move(ast));
  });
}

Result<std::string> render(const Template& t, const Scope& globals, const Options& options) {
  return without_throwing(t.name(), [&]() -> Result<std::string> {
    Run run(globals, options);
    return Rendering::text(t, run);
  });
}

Result<Value> render_native(const Template& t, const Scope& globals, const Options& options) {
  return without_throwing(t.name(), [&]() -> Result<Value> {
    Run run(globals, options);
    return Rendering::native(t, run);
  });
}

Result<Value> evaluate(std::string_view expression, const Scope& globals, const Options& options,
                       std::string_view name) {
  return without_throwing(name, [&]() -> Result<Value> {
    MR_TRY(std::shared_ptr<const Ast> ast, parse_bare_expression(Source(expression, name)));
    Run run(globals, options);
    return Rendering::native(Template(std::move(ast)), run);
  });
}

Result<Value> call_macro(const Value& callee, const Args& args, const Scope& globals, const Options& options) {
  return without_throwing("call", [&]() -> Result<Value> {
    Run run(globals, options);
    return run.call(callee, args);
  });
}

}  // namespace millrace::jinja
