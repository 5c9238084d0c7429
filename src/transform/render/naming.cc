#include "transform/render/naming.h"

#include <fmt/format.h>

#include <unordered_map>

#include "base/words.h"
#include "jinja/print.h"

namespace millrace::transform {
namespace {

using jinja::Args;
using jinja::Kind;
using jinja::Value;

/// The project's own generate_*_name macro, with its text stripped; absent: there is none.
Result<std::optional<std::string>> generated(Engine& engine, Node& node, std::string_view macro,
                                             const std::optional<std::string>& custom) {
  const NodeScope scope(engine, Phase::learn, &node);
  const auto callable = find_macro(scope, macro);
  if (!callable) return std::optional<std::string>();
  Args args;
  args.positional = {custom ? Value(*custom) : Value(), context::node(scope, node)};
  auto result = jinja::call_macro(*callable, args, scope, scope.options());
  if (!result) return std::move(result).error().within(fmt::format("in {} for {}", macro, node.declared.where()));
  MR_TRY(const std::string text, jinja::to_text(*result));
  std::string name(trimmed(text));
  if (name.empty() && macro != "generate_database_name")
    return Error{ErrorKind::invalid_input,
                 fmt::format("{}: {} gave an empty name", node.declared.where(), macro),
                 "it must print a name for every node",
                 {}};
  return std::optional<std::string>(std::move(name));
}

/// Names in lower case: DuckDB does not tell them apart otherwise.
std::string key_of(const Relation& r) {
  return to_lower_ascii(r.database) + "\x1f" + to_lower_ascii(r.schema) + "\x1f" + to_lower_ascii(r.identifier);
}

bool makes_relation(const Node& n) {
  return !n.disabled &&
         (n.type == ResourceType::model || n.type == ResourceType::seed || n.type == ResourceType::snapshot) &&
         !n.is_ephemeral();
}

}  // namespace

Status name_node(Engine& engine, Node& node) {
  if (node.type == ResourceType::source) return ok();
  const Target& target = engine.target;
  node.relation.database = target.database;
  node.relation.schema = target.schema;
  node.relation.identifier = node.name;
  auto custom_alias = node.config.optional_text("alias");
  if (node.is_test() && !custom_alias && node.alias != node.name && !node.alias.empty()) custom_alias = node.alias;
  MR_TRY(const auto alias, generated(engine, node, "generate_alias_name", custom_alias));
  node.alias = alias ? *alias : custom_alias ? std::string(trimmed(*custom_alias)) : node.name;
  auto custom_schema = node.config.optional_text("schema");
  // Failing rows are kept apart from what people read.
  if (node.is_test() && !custom_schema) custom_schema = "dbt_test__audit";
  MR_TRY(const auto schema, generated(engine, node, "generate_schema_name", custom_schema));
  node.relation.schema = schema          ? *schema
                         : custom_schema ? target.schema + "_" + std::string(trimmed(*custom_schema))
                                         : target.schema;
  const auto custom_database = node.config.optional_text("database");
  MR_TRY(const auto database, generated(engine, node, "generate_database_name", custom_database));
  node.relation.database = database && !database->empty() ? *database : custom_database.value_or(target.database);
  node.relation.identifier = node.alias;
  return ok();
}

Status check_relations(const Project& project) {
  std::unordered_map<std::string, const Node*> taken, sources;
  for (const Node& n : project.nodes)
    if (n.type == ResourceType::source && !n.disabled) sources.emplace(key_of(n.relation), &n);
  for (const Node& n : project.nodes) {
    if (!makes_relation(n)) continue;
    const std::string key = key_of(n.relation);
    const auto [it, fresh] = taken.emplace(key, &n);
    if (!fresh)
      return Error{ErrorKind::invalid_input,
                   fmt::format("{} and {} would both become {}", it->second->declared.where(), n.declared.where(),
                               n.relation.text()),
                   "give one of them another schema or alias",
                   {}};
    // A seed may be what a source names: that is how examples bring their raw data.
    if (const auto source = sources.find(key); n.is_model() && source != sources.end())
      return Error{ErrorKind::invalid_input,
                   fmt::format("{}: the model would overwrite source {}", n.declared.where(), n.relation.text()),
                   "give the model another schema or alias",
                   {}};
  }
  return ok();
}

}  // namespace millrace::transform
