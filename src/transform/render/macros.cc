// Which macro a name means: of the node's package, of the root, of a named package, or one of dbt's own.
#include <fmt/format.h>

#include <algorithm>

#include "base/words.h"
#include "transform/render/engine.h"

namespace millrace::transform {
namespace {

using jinja::Args;
using jinja::Run;
using jinja::Value;

/// Calls the macro with its package on the stack, and remembers that the node needs it.
Value callable_of(Engine& engine, std::uint32_t index) {
  if (const auto it = engine.macros.find(index); it != engine.macros.end()) return it->second;
  const Macro* macro = &engine.project.macros[index];
  Value v = Value::function(macro->name, [macro](Run& run, const Args& args) -> Result<Value> {
    const NodeScope& scope = scope_of(run);
    if (!scope.executes() && scope.node() != nullptr) {
      auto& used = scope.node()->macros;
      if (std::find(used.begin(), used.end(), macro->unique_id) == used.end()) used.push_back(macro->unique_id);
    }
    scope.state().owners.push_back(macro->package);
    auto result = run.call(macro->callable, args);
    scope.state().owners.pop_back();
    return result;
  });
  engine.macros.emplace(index, v);
  return v;
}

/// The order in which packages are asked for an implementation.
std::vector<std::string> search_order(const NodeScope& scope, std::string_view name_space) {
  const Project& project = scope.engine().project;
  const auto& configured = project.root().settings.dispatch;
  if (!name_space.empty()) {
    if (const auto it = configured.find(name_space); it != configured.end()) return it->second;
    return {project.name, std::string(name_space)};
  }
  std::vector<std::string> out{scope.package()};
  if (scope.package() != project.name) out.push_back(project.name);
  // A package's macro that dispatches without saying its own name means itself.
  if (!scope.state().owners.empty()) out.emplace_back(scope.state().owners.back());
  out.emplace_back("dbt");
  return out;
}

/// `dbt_utils` in a template: its macros are its attributes.
class PackageObject final : public jinja::Object {
 public:
  PackageObject(const NodeScope& scope, std::string name) : scope_(scope), name_(std::move(name)) {}
  std::string type_name() const override { return "package " + name_; }
  std::optional<Value> attribute(std::string_view name) const override {
    if (name_ == "dbt") {
      if (auto own = overriding(name)) return own;
      return builtin_macro(scope_, name);
    }
    return find_macro_in(scope_, name_, name);
  }

 private:
  /// dbt.x() dispatches: a project may bring its own.
  [[nodiscard]] std::optional<Value> overriding(std::string_view name) const {
    for (const std::string& package : search_order(scope_, "dbt")) {
      if (package == "dbt") continue;
      for (const std::string& full :
           {fmt::format("{}__{}", scope_.engine().target.dialect->name(), name), fmt::format("default__{}", name)})
        if (auto macro = find_macro_in(scope_, package, full)) return macro;
    }
    return std::nullopt;
  }
  const NodeScope& scope_;
  std::string name_;
};

}  // namespace

std::optional<Value> find_macro_in(const NodeScope& scope, std::string_view package, std::string_view name) {
  Engine& engine = scope.engine();
  const auto it = engine.project.macros_by_name.find(std::string(name));
  if (it == engine.project.macros_by_name.end()) return std::nullopt;
  for (const std::uint32_t index : it->second)
    if (engine.project.macros[index].package == package) return callable_of(engine, index);
  return std::nullopt;
}

std::optional<Value> find_macro(const NodeScope& scope, std::string_view name) {
  Engine& engine = scope.engine();
  if (engine.project.macros_by_name.empty()) return std::nullopt;
  const auto it = engine.project.macros_by_name.find(std::string(name));
  if (it == engine.project.macros_by_name.end()) return std::nullopt;
  std::optional<std::uint32_t> root;
  for (const std::uint32_t index : it->second) {
    const std::string& package = engine.project.macros[index].package;
    if (package == scope.package()) return callable_of(engine, index);
    if (package == engine.project.name) root = index;
  }
  return root ? std::optional(callable_of(engine, *root)) : std::nullopt;
}

std::optional<Value> package_namespace(const NodeScope& scope, std::string_view name) {
  const bool known = name == "dbt" || name == "dbt_duckdb" || scope.engine().project.package(name) != nullptr;
  if (!known) return std::nullopt;
  return Value(std::shared_ptr<jinja::Object>(
      std::make_shared<PackageObject>(scope, name == "dbt_duckdb" ? "dbt" : std::string(name))));
}

Result<Value> dispatch(const NodeScope& scope, std::string_view name, std::string_view name_space) {
  if (name.find('.') != std::string_view::npos)
    return Error{ErrorKind::invalid_input,
                 fmt::format("adapter.dispatch('{}'): found a dot in the name", name),
                 fmt::format("write adapter.dispatch('{}', '{}')", name.substr(name.find('.') + 1),
                             name.substr(0, name.find('.'))),
                 {}};
  std::vector<std::string> searched;
  for (const std::string& package : search_order(scope, name_space)) {
    for (const std::string& prefix : {std::string(scope.engine().target.dialect->name()), std::string("default")}) {
      const std::string full = fmt::format("{}__{}", prefix, name);
      if (auto macro = find_macro_in(scope, package, full)) return *std::move(macro);
      searched.push_back(package + "." + full);
    }
    if (package == "dbt")
      if (auto own = builtin_macro(scope, name)) return *std::move(own);
  }
  return Error{ErrorKind::not_found,
               fmt::format("adapter.dispatch found no macro '{}'; looked for {}", name, join(searched, ", ")),
               fmt::format("write {{% macro default__{}() %}}", name),
               {}};
}

}  // namespace millrace::transform
