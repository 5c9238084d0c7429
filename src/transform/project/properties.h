#pragma once
/// \file transform/project/properties.h
/// Properties files: descriptions, columns, configs and tests of models, seeds and sources; what else they declare.

#include <string>
#include <vector>

#include "base/yaml.h"
#include "transform/project/project.h"

namespace millrace::transform {

/// One properties file, parsed. `path`: relative to its package, as messages show it.
struct PropertiesFile {
  std::string path;
  std::size_t package = 0;  ///< index into Project::packages
  yaml::Node root;
};

/// Takes what all files declare into the project: patches the nodes, adds sources, generic tests, carried things.
/// The files are read once their package's models and seeds are there. Errors: invalid_input at its place.
Status apply_properties(const std::vector<PropertiesFile>& files, Project& project, const Target& target,
                        const Invocation& invocation);

}  // namespace millrace::transform
