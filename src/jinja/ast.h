#pragma once
/// \file jinja/ast.h
/// A parsed template. Nodes know their offset in the source; errors turn it into line and column.
/// Threads: safe to share once parsed.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "jinja/ast_expr.h"
#include "jinja/source.h"

namespace millrace::jinja {

struct Stmt;
using Body = std::vector<Stmt>;

/// What `set` and `for` assign to: a name, an attribute of a namespace, or several targets.
struct Target {
  std::uint32_t offset = 0;
  Symbol symbol = 0;
  std::string attribute;      ///< not empty: symbol.attribute
  std::vector<Target> parts;  ///< not empty: unpack into these
};

struct Parameter {
  Symbol symbol;
  std::string name;
  ExprPtr otherwise;  ///< default; may be null
};

/// A macro, or the body of a call block.
struct Macro {
  std::string name;
  std::string tag;  ///< "macro", or the tag of ParseOptions::macro_tags it was written with
  Symbol symbol = 0;
  std::uint32_t offset = 0;
  std::vector<Parameter> parameters;
  bool takes_varargs = false, takes_kwargs = false, takes_caller = false;  ///< the body names them
  Symbol varargs = 0, kwargs = 0, caller = 0;
  std::shared_ptr<const Body> body;  ///< shared only because Body is incomplete here
};

struct Data {
  std::string_view text;
};
struct Output {
  ExprPtr value;
};
struct If {
  std::vector<std::pair<ExprPtr, Body>> branches;
  Body otherwise;
};
struct For {
  Target target;
  ExprPtr over, condition;
  Body body, otherwise;
  Symbol loop;
};
struct Set {
  Target target;
  ExprPtr value;
};
struct SetBlock {
  Target target;
  ExprPtr filters;
  Body body;
};  ///< filters may be null
struct MacroDefinition {
  Macro macro;
};
struct Do {
  ExprPtr value;
};
struct CallBlock {
  Macro body;
  ExprPtr call;
};  ///< call: a Call node
struct FilterBlock {
  ExprPtr filters;
  Body body;
};
struct Jump {
  bool is_break;
};

struct Stmt {
  std::uint32_t offset;
  std::variant<Data, Output, If, For, Set, SetBlock, MacroDefinition, Do, CallBlock, FilterBlock, Jump> node;
};

struct Ast {
  Source source;
  std::vector<std::string> symbols;
  Body body;
};

}  // namespace millrace::jinja
