#pragma once
/// \file transform/project/packages.h
/// Which packages a project uses: what is vendored in dbt_packages/, and local ones of packages.yml.

#include <string>
#include <vector>

#include "base/result.h"
#include "transform/project/project.h"

namespace millrace::transform {

/// Absolute folders, by name. Errors: not_found for a package that is listed and not there; invalid_input for a list
/// that cannot be read.
Result<std::vector<std::string>> package_folders(const Package& root);

}  // namespace millrace::transform
