#pragma once
/// \file transform/project/vars.h
/// Which value var('x') has for a node. Source: contracts/dbt.md sections 1 and 9.

#include <string_view>

#include "transform/project/project.h"

namespace millrace::transform {

/// The value of `name` for a node of `package`: --vars, then the root's vars under the package's name, the root's own,
/// then (for the package's own nodes) the package's. Null: not set. Valid as long as project and invocation are.
const jinja::Value* var_of(const Project& project, const Invocation& invocation, std::string_view package,
                           std::string_view name);

/// Only what `package` itself sets in its dbt_project.yml: our extension for macros of a package that a node of another
/// one calls.
const jinja::Value* own_var_of(const Project& project, std::string_view package, std::string_view name);

}  // namespace millrace::transform
