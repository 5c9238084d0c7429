#pragma once
/// \file transform/project/properties_parts.h
/// What the readers of properties files share.

#include <string>
#include <vector>

#include "base/yaml.h"
#include "transform/project/project.h"
#include "transform/project/yaml_scope.h"

namespace millrace::transform {

/// One file on its way into the project. Borrows all of it.
struct PropertiesWork {
  Project& project;
  const Target& target;
  const Invocation& invocation;
  const Package& package;
  const std::string& path;  ///< of the file
  const YamlScope& scope;
};

/// The place for messages: package files are shown with their package.
yaml::Place place_of(const PropertiesWork& work);

/// `node.description`, with doc() rendered. Errors: those of the template.
Result<std::string> description_of(const PropertiesWork& work, const yaml::Node& node, const yaml::Place& place);
/// Columns without their tests.
Result<std::vector<Column>> columns_of(const PropertiesWork& work, const yaml::Node& node, const yaml::Place& place);
/// `config:`, and the keys beside it that are configs too: tags, meta, docs. Added to `to`.
Status add_config(const PropertiesWork& work, const yaml::Node& node, const yaml::Place& place, Config& to);
/// The configs that a tree of dbt_project.yml has for a node, outermost level first; added to `to`.
void add_tree(const Settings& settings, std::string_view section, const std::vector<std::string>& fqn, Config& to);

/// tests: and data_tests: of a node and of its columns.
Status add_tests(const PropertiesWork& work, const yaml::Node& node, const yaml::Place& place, NodeId about);
/// sources: of a file.
Status add_sources(const PropertiesWork& work, const yaml::Node& list, const yaml::Place& place);

/// Puts a node in, by its unique id. Errors: invalid_input where that is taken, naming both places.
Result<NodeId> add_node(Project& project, Node node);

}  // namespace millrace::transform
