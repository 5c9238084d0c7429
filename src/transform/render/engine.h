#pragma once
/// \file transform/render/engine.h
/// What all renderings of a project share, and the state of one rendering.

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "jinja/template.h"
#include "transform/project/project.h"
#include "transform/render/renderer.h"

namespace millrace::transform {

/// Borrows everything; outlives every rendering.
struct Engine {
  Project& project;
  const Target& target;
  const Invocation& invocation;
  Introspection* look = nullptr;  ///< null: nothing may be asked
  Told told = {};
  std::unordered_map<std::uint32_t, jinja::Value> macros = {};  ///< callables that know their package, by index
};

enum class Phase : std::uint8_t {
  learn,  ///< the first pass: execute is False
  run,    ///< the second: execute is True
};

/// The scope of one rendering. `node` may be null: a text of the project (a hook at its start).
/// Names are looked up when they are asked for: a model that uses two of them pays for two.
/// Threads: one thread at a time.
class NodeScope final : public jinja::Scope {
 public:
  NodeScope(Engine& engine, Phase phase, Node* node) : engine_(engine), phase_(phase), node_(node) {}

  [[nodiscard]] std::optional<jinja::Value> find(std::string_view name) const override;
  [[nodiscard]] std::vector<std::string> names() const override;

  [[nodiscard]] Engine& engine() const { return engine_; }
  [[nodiscard]] Phase phase() const { return phase_; }
  [[nodiscard]] bool executes() const { return phase_ == Phase::run; }
  [[nodiscard]] Node* node() const { return node_; }
  /// The package whose names count: the node's; the root's without a node.
  [[nodiscard]] const std::string& package() const;
  [[nodiscard]] jinja::Options options() const;

  /// Packages of the macros that are being called, innermost last. For vars that only their package sets.
  struct State {
    std::vector<std::string_view> owners;
    std::unordered_map<std::string, jinja::Value> results;  ///< of statement('name'): what load_result gives
    std::vector<NodeId> ephemeral;                          ///< ephemeral models that ref() gave, each once
    bool refs_are_free = false;                             ///< a ref that the first pass has not seen is no error
  };
  [[nodiscard]] State& state() const { return state_; }

 private:
  [[nodiscard]] std::optional<jinja::Value> context_member(std::string_view name) const;
  Engine& engine_;
  Phase phase_;
  Node* node_;
  mutable State state_;  // belongs to the rendering, which sees a const scope
};

/// The scope of the rendering that runs. Requires: it was made with a NodeScope.
const NodeScope& scope_of(const jinja::Run& run);

// Each part of the context in its own file.
namespace context {
jinja::Value ref(const NodeScope& scope);
jinja::Value source(const NodeScope& scope);
jinja::Value config(const NodeScope& scope);
jinja::Value var(const NodeScope& scope);
jinja::Value adapter(const NodeScope& scope);
jinja::Value api(const NodeScope& scope);
jinja::Value exceptions(const NodeScope& scope);
jinja::Value modules();
jinja::Value run_started_at(const NodeScope& scope);
jinja::Value flags(const NodeScope& scope);
jinja::Value graph(const NodeScope& scope);
jinja::Value node(const NodeScope& scope, const Node& node);  ///< `model`, and what generate_*_name gets
/// Functions that need no node: log, tojson, zip, … Absent: there is none of that name.
std::optional<jinja::Value> helper(const NodeScope& scope, std::string_view name);
/// run_query, statement, load_result, and tables. Absent: there is none of that name.
std::optional<jinja::Value> querying(const NodeScope& scope, std::string_view name);
}  // namespace context

/// A macro by dbt's rule: of the scope's package, else of the root. Absent: there is none.
std::optional<jinja::Value> find_macro(const NodeScope& scope, std::string_view name);
/// Of one package. Absent: it has none.
std::optional<jinja::Value> find_macro_in(const NodeScope& scope, std::string_view package, std::string_view name);
/// adapter.dispatch(): the macro that runs. Errors: not_found with where was looked.
Result<jinja::Value> dispatch(const NodeScope& scope, std::string_view name, std::string_view name_space);
/// `dbt_utils` of dbt_utils.star(); also `dbt`. Absent: no such package.
std::optional<jinja::Value> package_namespace(const NodeScope& scope, std::string_view name);
/// One of dbt's own cross-database macros. Absent: there is none of that name.
std::optional<jinja::Value> builtin_macro(const NodeScope& scope, std::string_view name);
std::vector<std::string> builtin_macro_names();

}  // namespace millrace::transform
