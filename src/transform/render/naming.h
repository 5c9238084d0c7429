#pragma once
/// \file transform/render/naming.h
/// Database, schema and alias of a node, by generate_*_name. Source: contracts/dbt.md section 5.

#include "transform/render/engine.h"

namespace millrace::transform {

/// Gives the node its alias and relation. Requires: its config is final. Errors: those of the project's macros.
Status name_node(Engine& engine, Node& node);

/// Errors: two nodes that would be one relation; a model that would overwrite a source.
Status check_relations(const Project& project);

}  // namespace millrace::transform
