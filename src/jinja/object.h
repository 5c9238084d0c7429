#pragma once
/// \file jinja/object.h
/// Things of the embedding program that templates can look into: `this`, `target`, `adapter`.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jinja/value.h"

namespace millrace::jinja {

/// Base of host objects. Only type_name() must be given; by default an object has no attributes,
/// cannot be called or looped over, prints as "<type name>", is true, and equals only itself.
/// An object must not hold the Run of a call. One that holds Values must not come to hold itself.
class Object {
 public:
  Object() = default;
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;
  virtual ~Object() = default;

  [[nodiscard]] virtual std::string type_name() const = 0;
  /// `object.name`, and `object['name']`. Absent: undefined. A method is a function bound here.
  [[nodiscard]] virtual std::optional<Value> attribute(std::string_view name) const;
  /// `object[key]`, by default the attribute of that name.
  [[nodiscard]] virtual std::optional<Value> item(const Value& key) const;
  [[nodiscard]] virtual bool callable() const { return false; }
  virtual Result<Value> call(Run& run, const Args& args);
  /// What a loop, `in`, `length` and `list` see; absent: not iterable.
  [[nodiscard]] virtual std::optional<std::vector<Value>> items() const { return std::nullopt; }
  [[nodiscard]] virtual std::string to_text() const;
  [[nodiscard]] virtual bool truthy() const { return true; }
  [[nodiscard]] virtual bool equals(const Object& other) const { return this == &other; }
};

}  // namespace millrace::jinja
