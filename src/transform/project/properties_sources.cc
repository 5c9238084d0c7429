// sources: of a properties file.
#include <fmt/format.h>

#include "base/words.h"
#include "jinja/print.h"
#include "transform/project/properties_parts.h"
#include "transform/project/yaml_value.h"

namespace millrace::transform {
namespace {

using jinja::Kind;
using jinja::Value;
using YamlNode = yaml::Node;
using yaml::Place;

Result<std::string> rendered_text(const PropertiesWork& work, const YamlNode& node, const Place& place,
                                  std::string_view key, std::string otherwise) {
  const YamlNode* found = node.find(key);
  if (found == nullptr || found->kind == YamlNode::Kind::null) return otherwise;
  if (!found->is_text()) return yaml::error_at(place.member(key), *found, "expected text");
  MR_TRY(const Value v, rendered_value(*found, place.member(key), work.scope));
  return jinja::to_text(v);
}

std::vector<std::string> folders_of(std::string_view path) {
  std::vector<std::string> out;
  auto slash = path.find('/');
  if (slash == std::string_view::npos) return out;
  path.remove_prefix(slash + 1);  // the model path itself
  while ((slash = path.find('/')) != std::string_view::npos) {
    out.emplace_back(path.substr(0, slash));
    path.remove_prefix(slash + 1);
  }
  return out;
}

/// external_location of meta or config, of a table or its source: where DuckDB reads instead of a table.
std::string location_in(const YamlNode& node) {
  for (const std::string_view section : {"config", "meta"}) {
    const YamlNode* s = node.find(section);
    if (s == nullptr || s->kind != YamlNode::Kind::mapping) continue;
    if (const YamlNode* l = s->find("external_location"); l != nullptr && l->is_text()) return l->scalar;
    if (const YamlNode* meta = s->find("meta"); meta != nullptr)
      if (const YamlNode* l = meta->find("external_location"); l != nullptr && l->is_text()) return l->scalar;
  }
  return {};
}

/// What tables inherit from their source.
struct Shared {
  std::string name, database, schema, description, loader, loaded_at_field, location;
  Config config;
  Value meta, freshness;
};

Result<Shared> read_source(const PropertiesWork& work, const YamlNode& node, const Place& place) {
  Shared s;
  MR_TRY(s.name, rendered_text(work, node, place, "name", ""));
  if (s.name.empty()) return yaml::error_at(place, node, "key \"name\" is missing", "add name: …");
  MR_TRY(s.database, rendered_text(work, node, place, "database", work.target.database));
  MR_TRY(s.schema, rendered_text(work, node, place, "schema", s.name));
  MR_TRY(s.loader, rendered_text(work, node, place, "loader", ""));
  MR_TRY(s.loaded_at_field, rendered_text(work, node, place, "loaded_at_field", ""));
  MR_TRY(s.description, description_of(work, node, place));
  s.location = location_in(node);
  MR_CHECK(add_config(work, node, place, s.config));
  s.meta = Value::dict();
  if (const YamlNode* m = node.find("meta"); m != nullptr && m->kind == YamlNode::Kind::mapping)
    s.meta = yaml_value(*m);
  if (const YamlNode* f = node.find("freshness"); f != nullptr) s.freshness = yaml_value(*f);
  return s;
}

Status add_table(const PropertiesWork& work, const Shared& shared, const YamlNode& node, const Place& place) {
  Node n;
  n.type = ResourceType::source;
  MR_TRY(n.name, rendered_text(work, node, place, "name", ""));
  if (n.name.empty()) return yaml::error_at(place, node, "key \"name\" is missing", "write - name: …");
  n.package = work.package.name;
  n.unique_id = fmt::format("source.{}.{}.{}", n.package, shared.name, n.name);
  n.path = n.original_path = work.path;
  n.absolute_path = work.package.folder + "/" + work.path;
  n.declared = {place.file, node.line, node.column};
  n.fqn = folders_of(work.path);
  n.fqn.insert(n.fqn.begin(), n.package);
  n.fqn.push_back(shared.name);
  n.fqn.push_back(n.name);
  MR_TRY(n.description, description_of(work, node, place));
  MR_TRY(n.columns, columns_of(work, node, place));
  MR_TRY(const std::string identifier, rendered_text(work, node, place, "identifier", n.name));
  n.relation = {shared.database, shared.schema, identifier};
  auto facts = std::make_shared<SourceFacts>();
  facts->source_name = shared.name;
  facts->source_description = shared.description;
  facts->loader = shared.loader;
  facts->source_meta = shared.meta;
  facts->freshness = shared.freshness;
  if (const YamlNode* f = node.find("freshness"); f != nullptr) facts->freshness = yaml_value(*f);
  MR_TRY(facts->loaded_at_field, rendered_text(work, node, place, "loaded_at_field", shared.loaded_at_field));
  const std::string own = location_in(node);
  facts->external_location = own.empty() ? shared.location : own;
  n.source = std::move(facts);
  add_tree(work.package.settings, "sources", n.fqn, n.declared_config);
  n.declared_config.merge(shared.config);
  MR_CHECK(add_config(work, node, place, n.declared_config));
  if (!work.package.is_root) add_tree(work.project.root().settings, "sources", n.fqn, n.overriding_config);
  MR_TRY(const NodeId id, add_node(work.project, std::move(n)));
  return add_tests(work, node, place, id);
}

}  // namespace

Status add_sources(const PropertiesWork& work, const YamlNode& list, const Place& place) {
  for (std::size_t i = 0; i < list.items.size(); ++i) {
    const YamlNode& node = list.items[i];
    const Place at = place.member("sources").item(i);
    if (node.kind != YamlNode::Kind::mapping)
      return yaml::error_at(at, node, "expected a mapping with name: and tables:");
    MR_TRY(const Shared shared, read_source(work, node, at));
    const YamlNode* tables = node.find("tables");
    if (tables == nullptr || tables->kind == YamlNode::Kind::null) continue;
    if (tables->kind != YamlNode::Kind::sequence)
      return yaml::error_at(at.member("tables"), *tables, "expected a list");
    for (std::size_t t = 0; t < tables->items.size(); ++t) {
      const Place table_at = at.member("tables").item(t);
      if (tables->items[t].kind != YamlNode::Kind::mapping)
        return yaml::error_at(table_at, tables->items[t], "expected a mapping with name:", "write - name: …");
      MR_CHECK(add_table(work, shared, tables->items[t], table_at));
    }
  }
  return ok();
}

}  // namespace millrace::transform
