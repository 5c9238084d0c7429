#include "transform/project/properties.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/words.h"
#include "transform/project/properties_parts.h"
#include "transform/project/yaml_value.h"

namespace millrace::transform {
namespace {

using jinja::Kind;
using jinja::Value;
using YamlNode = yaml::Node;
using yaml::Place;

/// Sections that are read past the nodes: kept for the artifacts.
struct CarriedSection {
  std::string_view section, kind;
};
constexpr std::array<CarriedSection, 6> kCarried{{{"exposures", "exposure"},
                                                  {"metrics", "metric"},
                                                  {"semantic_models", "semantic_model"},
                                                  {"saved_queries", "saved_query"},
                                                  {"groups", "group"},
                                                  {"unit_tests", "unit_test"}}};

bool names_section(std::string_view key) {
  static constexpr std::array<std::string_view, 9> kOthers{"version", "models", "seeds",      "snapshots", "sources",
                                                           "macros",  "tests",  "data_tests", "analyses"};
  return std::find(kOthers.begin(), kOthers.end(), key) != kOthers.end() || key == "anchors" || key == "functions" ||
         std::any_of(kCarried.begin(), kCarried.end(), [&](const CarriedSection& c) { return c.section == key; });
}

Result<std::string> name_in(const YamlNode& node, const Place& place) {
  if (node.kind != YamlNode::Kind::mapping)
    return yaml::error_at(place, node, "expected a mapping with name:", "write - name: …");
  const YamlNode* name = node.find("name");
  if (name == nullptr || !name->is_text()) return yaml::error_at(place, node, "key \"name\" is missing", "add name: …");
  return name->scalar;
}

Result<const YamlNode*> list_in(const YamlNode& root, const Place& place, std::string_view key) {
  const YamlNode* list = root.find(key);
  if (list == nullptr || list->kind == YamlNode::Kind::null) return static_cast<const YamlNode*>(nullptr);
  if (list->kind != YamlNode::Kind::sequence)
    return yaml::error_at(place.member(key), *list, "expected a list", fmt::format("write {}:\n  - name: …", key));
  return list;
}

ResourceType type_of(std::string_view section) {
  if (section == "seeds") return ResourceType::seed;
  if (section == "snapshots") return ResourceType::snapshot;
  if (section == "analyses") return ResourceType::analysis;
  return ResourceType::model;
}

Status refuse_versions(const YamlNode& node, const Place& place) {
  const YamlNode* versions = node.find("versions");
  if (versions == nullptr || versions->kind == YamlNode::Kind::null) return ok();
  Error e =
      yaml::error_at(place.member("versions"), *versions, "versions of a model come with a later version of millrace",
                     "keep one file for each version, with names of their own");
  e.kind = ErrorKind::unsupported;
  return e;
}

Status patch_node(const PropertiesWork& work, const YamlNode& node, const Place& place, Node& to) {
  if (!to.patch_path.empty())
    return yaml::error_at(
        place, node,
        fmt::format("{} \"{}\" has properties already, in {}", name_of(to.type), to.name, to.patched.where()),
        "keep one of the two");
  MR_CHECK(refuse_versions(node, place));
  to.patch_path = work.package.name + "://" + work.path;
  to.patched = {place.file, node.line, node.column};
  MR_TRY(to.description, description_of(work, node, place));
  MR_TRY(to.columns, columns_of(work, node, place));
  return add_config(work, node, place, to.declared_config);
}

Status apply_nodes(const PropertiesWork& work, const YamlNode& list, const Place& place, std::string_view section) {
  const ResourceType type = type_of(section);
  for (std::size_t i = 0; i < list.items.size(); ++i) {
    const YamlNode& node = list.items[i];
    const Place at = place.member(section).item(i);
    MR_TRY(const std::string name, name_in(node, at));
    const NodeId id = work.project.id_of(fmt::format("{}.{}.{}", name_of(type), work.package.name, name));
    if (id == kNoNode) {
      std::vector<std::string> known;
      for (const Node& n : work.project.nodes)
        if (n.type == type && n.package == work.package.name) known.push_back(n.name);
      const std::string near = nearest(name, known);
      work.project.warnings.push_back({fmt::format("{}:{}:{}", at.file, node.line, node.column),
                                       fmt::format("properties of {} \"{}\", which is not there", name_of(type), name),
                                       near.empty() ? "" : fmt::format("did you mean {}?", near)});
      continue;
    }
    MR_CHECK(patch_node(work, node, at, work.project.nodes[id]));
    MR_CHECK(add_tests(work, node, at, id));
  }
  return ok();
}

Status apply_macros(const PropertiesWork& work, const YamlNode& list, const Place& place) {
  for (std::size_t i = 0; i < list.items.size(); ++i) {
    const Place at = place.member("macros").item(i);
    MR_TRY(const std::string name, name_in(list.items[i], at));
    const auto it = work.project.macros_by_name.find(name);
    if (it == work.project.macros_by_name.end()) continue;
    for (const std::uint32_t m : it->second) {
      Macro& macro = work.project.macros[m];
      if (macro.package != work.package.name) continue;
      MR_TRY(macro.description, description_of(work, list.items[i], at));
    }
  }
  return ok();
}

/// "ref('a')", "source('s', 't')": the texts in quotes, after the function's name.
std::vector<std::string> quoted_in(std::string_view call) {
  std::vector<std::string> out;
  for (auto open = call.find_first_of("'\""); open != std::string_view::npos; open = call.find_first_of("'\"")) {
    const auto close = call.find(call[open], open + 1);
    if (close == std::string_view::npos) break;
    out.emplace_back(call.substr(open + 1, close - open - 1));
    call.remove_prefix(close + 1);
  }
  return out;
}

/// depends_on: of an exposure.
void read_dependencies(const YamlNode& node, Carried& c) {
  const YamlNode* list = node.find("depends_on");
  if (list == nullptr || list->kind != YamlNode::Kind::sequence) return;
  for (const YamlNode& item : list->items) {
    const std::string_view call = trimmed(item.scalar);
    const std::vector<std::string> names = quoted_in(call);
    if (call.starts_with("ref") && !names.empty())
      c.refs.push_back({names.size() > 1 ? names[0] : "", names.back(), ""});
    else if (call.starts_with("source") && names.size() == 2)
      c.sources.push_back({names[0], names[1]});
  }
}

Status carry(const PropertiesWork& work, const YamlNode& list, const Place& place, const CarriedSection& section) {
  for (std::size_t i = 0; i < list.items.size(); ++i) {
    const Place at = place.member(section.section).item(i);
    MR_TRY(const std::string name, name_in(list.items[i], at));
    Carried c;
    c.kind = section.kind;
    c.name = name;
    c.package = work.package.name;
    c.original_path = work.path;
    c.unique_id = fmt::format("{}.{}.{}", c.kind, c.package, name);
    c.fields = yaml_value(list.items[i]);
    read_dependencies(list.items[i], c);
    work.project.carried.push_back(std::move(c));
  }
  return ok();
}

Status apply_file(const PropertiesWork& work, const YamlNode& root) {
  const Place place = place_of(work);
  if (root.kind == YamlNode::Kind::null) return ok();
  if (root.kind != YamlNode::Kind::mapping)
    return yaml::error_at(place, root, "expected a mapping with models:, sources: or the like");
  for (const auto& [key, value] : root.members) {
    if (names_section(key)) continue;
    static const std::vector<std::string> known{"models", "seeds", "snapshots", "sources", "macros", "exposures"};
    const std::string near = nearest(key, known);
    work.project.warnings.push_back({fmt::format("{}:{}:{}", place.file, value.key_line, value.key_column),
                                     fmt::format("key \"{}\" is not one of a properties file's", key),
                                     near.empty() ? "" : fmt::format("did you mean {}?", near)});
  }
  for (const std::string_view section : {"models", "seeds", "snapshots", "analyses"}) {
    MR_TRY(const YamlNode* list, list_in(root, place, section));
    if (list != nullptr) MR_CHECK(apply_nodes(work, *list, place, section));
  }
  MR_TRY(const YamlNode* macros, list_in(root, place, "macros"));
  if (macros != nullptr) MR_CHECK(apply_macros(work, *macros, place));
  MR_TRY(const YamlNode* sources, list_in(root, place, "sources"));
  if (sources != nullptr) MR_CHECK(add_sources(work, *sources, place));
  for (const CarriedSection& section : kCarried) {
    MR_TRY(const YamlNode* list, list_in(root, place, section.section));
    if (list != nullptr) MR_CHECK(carry(work, *list, place, section));
  }
  return ok();
}

}  // namespace

Place place_of(const PropertiesWork& work) {
  return {work.package.is_root ? work.path : work.package.name + "/" + work.path, ""};
}

Result<std::string> description_of(const PropertiesWork& work, const YamlNode& node, const Place& place) {
  const YamlNode* text = node.find("description");
  if (text == nullptr || text->kind == YamlNode::Kind::null) return std::string();
  if (!text->is_text()) return yaml::error_at(place.member("description"), *text, "expected text");
  if (text->scalar.find("{{") == std::string::npos && text->scalar.find("{%") == std::string::npos) return text->scalar;
  MR_TRY(const Value v, rendered_value(*text, place.member("description"), work.scope));
  return v.is(Kind::text) ? v.text() : text->scalar;
}

Result<std::vector<Column>> columns_of(const PropertiesWork& work, const YamlNode& node, const Place& place) {
  std::vector<Column> out;
  MR_TRY(const YamlNode* list, list_in(node, place, "columns"));
  if (list == nullptr) return out;
  for (std::size_t i = 0; i < list->items.size(); ++i) {
    const YamlNode& c = list->items[i];
    const Place at = place.member("columns").item(i);
    Column column;
    MR_TRY(column.name, name_in(c, at));
    MR_TRY(column.description, description_of(work, c, at));
    if (const YamlNode* t = c.find("data_type"); t != nullptr && t->is_text()) column.data_type = t->scalar;
    if (const YamlNode* q = c.find("quote"); q != nullptr)
      if (const Value v = scalar_value(*q); v.is(Kind::boolean)) column.quote = v.boolean();
    if (const YamlNode* m = c.find("meta"); m != nullptr && m->kind == YamlNode::Kind::mapping)
      column.meta = yaml_value(*m);
    if (const YamlNode* k = c.find("constraints"); k != nullptr && k->kind == YamlNode::Kind::sequence)
      column.constraints = yaml_value(*k);
    Config tags;
    if (const YamlNode* t = c.find("tags"); t != nullptr) tags.add("tags", yaml_value(*t));
    if (const YamlNode* config = c.find("config"); config != nullptr && config->kind == YamlNode::Kind::mapping) {
      if (const YamlNode* t = config->find("tags"); t != nullptr) tags.add("tags", yaml_value(*t));
      if (const YamlNode* m = config->find("meta"); m != nullptr) column.meta = yaml_value(*m);
    }
    column.tags = tags.texts("tags");
    out.push_back(std::move(column));
  }
  return out;
}

Status add_config(const PropertiesWork& work, const YamlNode& node, const Place& place, Config& to) {
  for (const std::string_view key : {"tags", "meta", "docs", "group", "access"}) {
    const YamlNode* beside = node.find(key);
    if (beside == nullptr || beside->kind == YamlNode::Kind::null) continue;
    MR_TRY(const Value v, rendered_value(*beside, place.member(key), work.scope));
    to.add(key, v);
  }
  const YamlNode* config = node.find("config");
  if (config == nullptr || config->kind == YamlNode::Kind::null) return ok();
  if (config->kind != YamlNode::Kind::mapping)
    return yaml::error_at(place.member("config"), *config, "expected a mapping of configs");
  Config level;
  for (const auto& [key, value] : config->members) {
    // Hooks are SQL that is rendered when it runs.
    const bool is_hook = key.find("hook") != std::string::npos;
    MR_TRY(Value v, is_hook ? Result<Value>(yaml_value(value))
                            : rendered_value(value, place.member("config").member(key), work.scope));
    level.add(key, v);
  }
  MR_CHECK(check_config(level, fmt::format("{}:{}:{}", place.file, config->line, config->column)));
  to.merge(level);
  return ok();
}

void add_tree(const Settings& settings, std::string_view section, const std::vector<std::string>& fqn, Config& to) {
  const auto it = settings.trees.find(section);
  if (it == settings.trees.end()) return;
  const Value* level = &it->second;
  for (std::size_t depth = 0;; ++depth) {
    if (!level->is(Kind::dict)) return;
    for (const auto& e : level->dict_entries().entries()) {
      if (!e.key.is(Kind::text)) continue;
      const std::string& key = e.key.text();
      if (key.starts_with('+') || !e.value.is(Kind::dict)) to.add(key, e.value);
    }
    if (depth >= fqn.size()) return;
    level = level->dict_entries().find(fqn[depth]);
    if (level == nullptr) return;
  }
}

Result<NodeId> add_node(Project& project, Node node) {
  const auto id = static_cast<NodeId>(project.nodes.size());
  const auto [it, fresh] = project.by_unique_id.emplace(node.unique_id, id);
  if (!fresh) {
    const Node& other = project.nodes[it->second];
    return Error{ErrorKind::invalid_input,
                 fmt::format("{}: {} \"{}\" is declared already, in {}", node.declared.where(), name_of(node.type),
                             node.name, other.declared.where()),
                 "give one of the two another name, or remove it",
                 {}};
  }
  if (node.is_refable()) project.refables[node.name].push_back(id);
  if (node.source) project.source_tables[node.source->source_name + "." + node.name].push_back(id);
  project.nodes.push_back(std::move(node));
  return id;
}

Status apply_properties(const std::vector<PropertiesFile>& files, Project& project, const Target& target,
                        const Invocation& invocation) {
  for (const PropertiesFile& file : files) {
    const Package& package = project.packages[file.package];
    const YamlScope scope(project, target, invocation, package.name);
    MR_CHECK(apply_file({project, target, invocation, package, file.path, scope}, file.root));
  }
  return ok();
}

}  // namespace millrace::transform
