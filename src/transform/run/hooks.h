#pragma once
/// \file transform/run/hooks.h
/// Statements around a node and around a run.
/// Source: docs.getdbt.com/reference/resource-configs/pre-hook-post-hook, contracts/dbt.md section 5.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "transform/project/project.h"

namespace millrace::transform {

struct Hook {
  std::string text;            ///< not rendered yet
  bool in_transaction = true;  ///< {sql, transaction: false}: outside of the node's transaction
};

/// `key`: "pre-hook" or "post-hook"; a text, {sql, transaction}, or a list of them. Errors: invalid_input.
Result<std::vector<Hook>> hooks_of(const Node& node, std::string_view key);

struct ProjectHook {
  std::string text, name;  ///< name: "shop: on-run-start 1", for messages
};

/// Of all packages, by name, the root's last. Errors: unsupported for what asks for `results`, `schemas` or
/// `database_schemas`: they are not there yet, and would be empty in silence.
Result<std::vector<ProjectHook>> project_hooks(const Project& project, bool at_start);

}  // namespace millrace::transform
