#pragma once
/// \file transform/context.h
/// The names a model's template sees: ref, source, config, var, this, target and their kin.

#include <functional>
#include <string>
#include <vector>

#include "jinja/scope.h"
#include "jinja/template.h"
#include "transform/project.h"

namespace millrace::transform {

/// What one rendering learns about its node. Filled while it runs.
struct Rendered {
  Config config;
  std::vector<std::string> depends_on;  ///< in order of first appearance
};

/// Makes scopes for one project and target. Borrows both; they outlive it and its scopes.
/// Threads: one thread at a time.
class Context {
 public:
  Context(const Project& project, const Target& target);

  /// `this_relation`: what `this` prints; nullptr for a test. `into` gets configs and dependencies.
  [[nodiscard]] jinja::MapScope scope(const warehouse::RelationName* this_relation, Rendered& into) const;

  /// The schema of a node with the custom schema `custom`: the project's generate_schema_name if it
  /// has one, else dbt's rule (target schema, underscore, custom schema).
  Result<std::string> schema_name(const std::optional<std::string>& custom, const std::string& node_name) const;

 private:
  Result<jinja::Value> ref(const jinja::Args& args, Rendered& into) const;
  Result<jinja::Value> source(const jinja::Args& args, Rendered& into) const;
  Result<jinja::Value> var(const jinja::Args& args) const;
  const Project* project_;
  const Target* target_;
  jinja::MapScope globals_;  // macros, target, and what else is the same for every node
};

}  // namespace millrace::transform
