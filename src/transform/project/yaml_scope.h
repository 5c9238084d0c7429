#pragma once
/// \file transform/project/yaml_scope.h
/// The names that Jinja in YAML files may use: var, env_var, target, project_name, doc.

#include <string>

#include "jinja/scope.h"
#include "transform/project/project.h"

namespace millrace::transform {

/// Borrows all three, which outlive it. `package`: whose file it is. Threads: one thread at a time.
class YamlScope final : public jinja::Scope {
 public:
  YamlScope(Project& project, const Target& target, const Invocation& invocation, std::string package)
      : project_(project), target_(target), invocation_(invocation), package_(std::move(package)) {}
  [[nodiscard]] std::optional<jinja::Value> find(std::string_view name) const override;
  [[nodiscard]] std::vector<std::string> names() const override;

 private:
  Result<jinja::Value> var(const jinja::Args& args) const;
  Result<jinja::Value> doc(const jinja::Args& args) const;
  Project& project_;
  const Target& target_;
  const Invocation& invocation_;
  std::string package_;
};

/// env_var('NAME', default): asks the environment, and remembers the name in `read`. `secrets`: DBT_ENV_SECRET_ names
/// are allowed (profiles.yml only). Errors: invalid_input with what to export.
Result<jinja::Value> env_var(const jinja::Args& args, const Environment& environment, std::vector<std::string>& read,
                             bool secrets);

/// `target` as templates see it: a dict of the profile's fields, with name, schema, database, type, threads.
jinja::Value target_value(const Target& target);

}  // namespace millrace::transform
