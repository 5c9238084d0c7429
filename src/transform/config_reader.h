#pragma once
/// \file transform/config_reader.h
/// dbt configs from YAML. A config that would change what is built, and that this version does not
/// act on, is an `unsupported` error at its line; others (meta, docs, unknown ones) are read past.

#include <string>
#include <string_view>

#include "base/yaml.h"
#include "transform/node.h"

namespace millrace::transform {

/// `key` without its leading '+'. Errors: invalid_input, unsupported.
Status read_config_key(std::string_view key, const yaml::Node& value, const yaml::Place& place, Config& config);

/// A mapping of configs, as under `config:`.
Result<Config> read_config(const yaml::Node& node, const yaml::Place& place);

/// The configs that dbt_project.yml's `models:` or `data_tests:` tree gives a node, outermost level
/// first. `fqn`: project, folders, name.
Result<Config> config_for(const yaml::Node& tree, const yaml::Place& place, const std::vector<std::string>& fqn);

/// Finds mistakes in a tree that no node would meet. Errors: those of read_config_key.
Status check_config_tree(const yaml::Node& tree, const yaml::Place& place);

/// "comes with a later version", as an error at a place.
Error unsupported_at(const yaml::Place& place, const yaml::Node& node, std::string_view what);

}  // namespace millrace::transform
