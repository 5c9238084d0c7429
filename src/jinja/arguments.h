#pragma once
/// \file jinja/arguments.h
/// Reads the arguments of filters, methods and built-in functions.

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "jinja/value.h"

namespace millrace::jinja {

/// Arguments matched to parameters by position or name. An index is that of the parameter.
/// All reading members give `otherwise` where the argument was not passed.
class Bound {
 public:
  /// Errors: invalid_input for too many, unknown, doubled or missing arguments; `what` names the callee.
  static Result<Bound> match(std::string_view what, const Args& args,
                             std::initializer_list<std::string_view> parameters, std::size_t required = 0);

  [[nodiscard]] bool has(std::size_t i) const { return values_[i].has_value(); }
  [[nodiscard]] Value value(std::size_t i, Value otherwise = {}) const { return has(i) ? *values_[i] : otherwise; }
  /// Errors of all three: invalid_input for another type.
  [[nodiscard]] Result<std::int64_t> integer(std::size_t i, std::int64_t otherwise) const;
  [[nodiscard]] Result<std::string> text(std::size_t i, std::string_view otherwise = "") const;
  [[nodiscard]] Result<bool> flag(std::size_t i, bool otherwise) const;  ///< any value, by its truth

 private:
  [[nodiscard]] Error wrong_type(std::size_t i, std::string_view expected) const;

  std::string what_;
  std::vector<std::string_view> parameters_;
  std::vector<std::optional<Value>> values_;
};

}  // namespace millrace::jinja
