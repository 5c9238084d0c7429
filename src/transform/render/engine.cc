#include "transform/render/engine.h"

#include <fmt/format.h>

#include <array>

#include "base/words.h"
#include "jinja/print.h"
#include "transform/project/settings.h"
#include "transform/project/yaml_scope.h"
#include "transform/render/relation_object.h"

namespace millrace::transform {

using jinja::Args;
using jinja::Run;
using jinja::Value;

const NodeScope& scope_of(const Run& run) { return dynamic_cast<const NodeScope&>(run.globals()); }

const std::string& NodeScope::package() const {
  return node_ != nullptr ? node_->package : engine_.project.packages.front().name;
}

jinja::Options NodeScope::options() const {
  jinja::Options o;
  // A name that only exists when SQL runs may be called while refs are being collected.
  o.missing = phase_ == Phase::learn ? jinja::Missing::callable : jinja::Missing::permissive;
  return o;
}

std::optional<Value> NodeScope::find(std::string_view name) const {
  // A project's macro wins over a name of the context, as in dbt: that is how ref() is overridden.
  if (auto macro = find_macro(*this, name)) return macro;
  if (auto member = context_member(name)) return member;
  if (auto package = package_namespace(*this, name)) return package;
  return builtin_macro(*this, name);
}

namespace {

Value is_incremental(const NodeScope& scope) {
  return Value::function("is_incremental", [&scope](Run&, const Args&) -> Result<Value> {
    const Node* node = scope.node();
    if (!scope.executes() || node == nullptr || scope.engine().look == nullptr) return Value(false);
    if (!node->is_model() || node->materialized() != "incremental") return Value(false);
    const Value* own = node->config.find("full_refresh");
    const bool anew =
        own != nullptr && own->is(jinja::Kind::boolean) ? own->boolean() : scope.engine().invocation.full_refresh;
    if (anew) return Value(false);
    MR_TRY(const warehouse::RelationKind kind, scope.engine().look->kind_of(node->relation));
    return Value(kind == warehouse::RelationKind::table);
  });
}

Value should_full_refresh(const NodeScope& scope) {
  return Value::function("should_full_refresh", [&scope](Run&, const Args&) -> Result<Value> {
    const Value* own = scope.node() == nullptr ? nullptr : scope.node()->config.find("full_refresh");
    if (own != nullptr && own->is(jinja::Kind::boolean)) return *own;
    return Value(scope.engine().invocation.full_refresh);
  });
}

Value this_relation(const NodeScope& scope) {
  const Node* node = scope.node();
  if (node == nullptr) return {};
  return relation_value(scope.engine(), node->relation, node->materialized());
}

Value builtins(const NodeScope& scope) {
  Value out = Value::dict();
  out.dict_entries().set("ref", context::ref(scope));
  out.dict_entries().set("source", context::source(scope));
  out.dict_entries().set("config", context::config(scope));
  out.dict_entries().set("var", context::var(scope));
  return out;
}

/// The query of `relation`, or of the part of it that the test's `where` leaves.
Value where_subquery(const NodeScope& scope) {
  return Value::function("get_where_subquery", [&scope](Run&, const Args& args) -> Result<Value> {
    if (args.positional.empty()) return Value();
    const Node* node = scope.node();
    const auto where = node == nullptr ? std::nullopt : node->config.optional_text("where");
    if (!where) return args.positional[0];
    MR_TRY(const std::string relation, jinja::to_text(args.positional[0]));
    return Value(fmt::format("(select * from {} where {}) dbt_subquery", relation, *where));
  });
}

using Maker = Value (*)(const NodeScope&);
struct Member {
  std::string_view name;
  Maker make;
};

constexpr std::array<Member, 32> kMembers{{
    {"ref", context::ref},
    {"source", context::source},
    {"config", context::config},
    {"var", context::var},
    {"this", this_relation},
    {"is_incremental", is_incremental},
    {"execute", [](const NodeScope& s) { return Value(s.executes()); }},
    {"target", [](const NodeScope& s) { return target_value(s.engine().target); }},
    {"env_var",
     [](const NodeScope& s) {
       return Value::function("env_var", [&s](Run&, const Args& a) {
         return env_var(a, s.engine().invocation.environment, s.engine().project.environment_read, false);
       });
     }},
    {"adapter", context::adapter},
    {"api", context::api},
    {"exceptions", context::exceptions},
    {"modules", [](const NodeScope&) { return context::modules(); }},
    {"project_name", [](const NodeScope& s) { return Value(s.engine().project.name); }},
    {"invocation_id", [](const NodeScope& s) { return Value(s.engine().invocation.id); }},
    {"run_started_at", context::run_started_at},
    {"dbt_version", [](const NodeScope&) { return Value(kDbtVersion); }},
    {"flags", context::flags},
    {"graph", context::graph},
    {"model", [](const NodeScope& s) { return s.node() == nullptr ? Value() : context::node(s, *s.node()); }},
    {"should_full_refresh", should_full_refresh},
    {"should_store_failures",
     [](const NodeScope& s) {
       const bool store = s.node() != nullptr && s.node()->config.flag("store_failures", false);
       return Value::function("should_store_failures",
                              [store](Run&, const Args&) -> Result<Value> { return Value(store); });
     }},
    {"builtins", builtins},
    {"get_where_subquery", where_subquery},
    {"schema", [](const NodeScope& s) { return s.node() == nullptr ? Value() : Value(s.node()->relation.schema); }},
    {"database", [](const NodeScope& s) { return s.node() == nullptr ? Value() : Value(s.node()->relation.database); }},
    {"selected_resources", [](const NodeScope&) { return Value::list(); }},
    {"invocation_args_dict", [](const NodeScope&) { return Value::dict(); }},
    {"dbt_metadata_envs", [](const NodeScope&) { return Value::dict(); }},
    {"pre_hooks", [](const NodeScope&) { return Value::list(); }},
    {"post_hooks", [](const NodeScope&) { return Value::list(); }},
    {"thread_id", [](const NodeScope&) { return Value("Thread-1"); }},
}};

}  // namespace

std::optional<Value> NodeScope::context_member(std::string_view name) const {
  for (const Member& m : kMembers)
    if (m.name == name) return m.make(*this);
  if (auto helper = context::helper(*this, name)) return helper;
  return context::querying(*this, name);
}

std::vector<std::string> NodeScope::names() const {
  std::vector<std::string> out;
  for (const Member& m : kMembers) out.emplace_back(m.name);
  for (const auto& [name, where] : engine_.project.macros_by_name) out.push_back(name);
  for (std::string& name : builtin_macro_names()) out.push_back(std::move(name));
  return out;
}

}  // namespace millrace::transform
