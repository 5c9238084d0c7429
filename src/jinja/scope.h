#pragma once
/// \file jinja/scope.h
/// The global names a template sees, supplied by the embedding program.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jinja/value.h"

namespace millrace::jinja {

/// Asked for every name that the template itself does not set, before the built-in functions.
class Scope {
 public:
  Scope() = default;
  Scope(const Scope&) = default;
  Scope& operator=(const Scope&) = default;
  virtual ~Scope() = default;
  [[nodiscard]] virtual std::optional<Value> find(std::string_view name) const = 0;
  /// Names worth suggesting when one was mistyped; may be empty or partial.
  [[nodiscard]] virtual std::vector<std::string> names() const { return {}; }
};

/// Names in a map; what it lacks is asked of the scope behind it.
/// Threads: one thread at a time while it changes or its values are in use.
class MapScope : public Scope {
 public:
  explicit MapScope(const Scope* behind = nullptr) : behind_(behind) {}
  void set(std::string_view name, Value value) { values_.insert_or_assign(std::string(name), std::move(value)); }
  [[nodiscard]] std::optional<Value> find(std::string_view name) const override;
  [[nodiscard]] std::vector<std::string> names() const override;

 private:
  std::map<std::string, Value, std::less<>> values_;
  const Scope* behind_;  // borrows, outlives us; may be null
};

}  // namespace millrace::jinja
