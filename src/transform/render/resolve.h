#pragma once
/// \file transform/render/resolve.h
/// Which node a ref() or source() means. Source: contracts/dbt.md section 5 "ref resolution".

#include "transform/project/project.h"

namespace millrace::transform {

/// For a node of `package` ("" counts as the root). Errors: not_found with the nearest name; invalid_input for a
/// disabled one; unsupported for a version.
Result<NodeId> resolve_ref(const Project& project, std::string_view package, const RefCall& call);
/// Errors: not_found with the nearest; invalid_input for a disabled one.
Result<NodeId> resolve_source(const Project& project, std::string_view package, const SourceCall& call);

/// "ref('orders')", "ref('shop', 'orders')".
std::string in_words(const RefCall& call);
std::string in_words(const SourceCall& call);

}  // namespace millrace::transform
