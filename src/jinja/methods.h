#pragma once
/// \file jinja/methods.h
/// The methods of text, list, tuple and dict values: Python's, in the part that templates use.

#include <span>
#include <string_view>

#include "jinja/run.h"

namespace millrace::jinja {

struct Method {
  std::string_view name;
  /// `self` has the kind the method was found for. Errors are not located.
  Result<Value> (*call)(Run& run, const Value& self, const Args& args);
};

/// Null if values of this kind have no such method.
const Method* find_method(Kind kind, std::string_view name);

/// All methods of values of this kind; may be empty.
std::span<const Method> methods_of(Kind kind);

std::span<const Method> text_methods();
std::span<const Method> list_methods();
std::span<const Method> tuple_methods();
std::span<const Method> dict_methods();

}  // namespace millrace::jinja
