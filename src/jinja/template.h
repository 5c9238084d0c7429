#pragma once
/// \file jinja/template.h
/// Entry of the module: parse a template, render it, evaluate an expression, get at macros.
///
/// No function here throws, also not when memory runs out or a host function throws: that becomes an
/// Error of kind internal. Messages of template mistakes start with "name:line:column: ", and the
/// trail holds the source line with a caret, then the macros that were being called, innermost first.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "jinja/run.h"
#include "jinja/source.h"

namespace millrace::jinja {

struct Ast;

struct ParseOptions {
  Start start = {};                          ///< where the text begins in its file, for messages
  std::vector<std::string> macro_tags = {};  ///< tags that define a macro as `macro` does: dbt's "test"
};

struct MacroParameter {
  std::string name;
  bool has_default = false;
};

/// A macro that stands at the top level of a template.
struct MacroSignature {
  std::string name;
  std::string tag;  ///< "macro" or one of ParseOptions::macro_tags
  std::vector<MacroParameter> parameters;
  Start place;
};

/// A parsed template. Cheap to copy; never changes. Threads: safe to share.
class Template {
 public:
  explicit Template(std::shared_ptr<const Ast> ast) : ast_(std::move(ast)) {}
  [[nodiscard]] const std::string& name() const;
  [[nodiscard]] std::vector<MacroSignature> macros() const;  ///< in the order of the text
  /// A top-level macro as a callable. When called it sees its arguments and `globals`, which must outlive
  /// the value; null: the globals of the run that calls it. It does not see the template's other macros
  /// or variables, only what the scope gives. Of two with one name the last. Errors: not_found.
  [[nodiscard]] Result<Value> macro(std::string_view name, const Scope* globals = nullptr) const;

 private:
  friend class Rendering;
  std::shared_ptr<const Ast> ast_;
};

/// `name` stands in messages, usually the path. Errors: invalid_input for mistakes; unsupported for tags
/// that are unknown or left out. Unknown filters and tests are errors only where they are reached.
Result<Template> parse(std::string_view text, std::string_view name, const ParseOptions& options = {});

/// Errors: invalid_input for mistakes and limits, unsupported, internal, and what host functions return.
Result<std::string> render(const Template& t, const Scope& globals, const Options& options = {});

/// As render(), but a template that is one single {{ expression }} gives its value with its type.
Result<Value> render_native(const Template& t, const Scope& globals, const Options& options = {});

/// One expression without braces: "var('x') + 1".
Result<Value> evaluate(std::string_view expression, const Scope& globals, const Options& options = {},
                       std::string_view name = "expression");

/// Calls a macro or function from outside of any rendering. Inside of one use Run::call.
Result<Value> call_macro(const Value& callee, const Args& args, const Scope& globals, const Options& options = {});

}  // namespace millrace::jinja
