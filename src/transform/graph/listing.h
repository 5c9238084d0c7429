#pragma once
/// \file transform/graph/listing.h
/// What `ls` prints of a node.

#include <string>
#include <vector>

#include "transform/project/project.h"

namespace millrace::transform {

/// `output`: "selector" (fqn with dots; source:…), "name", "path" or "json". `keys`: of json; none: dbt's usual ones.
/// Errors: invalid_input for another output.
Result<std::string> listed(const Project& project, const Node& node, std::string_view output,
                           const std::vector<std::string>& keys);

}  // namespace millrace::transform
