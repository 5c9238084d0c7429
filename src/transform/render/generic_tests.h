#pragma once
/// \file transform/render/generic_tests.h
/// The queries of generic tests: dbt's four, and those that are macros.

#include "transform/render/engine.h"

namespace millrace::transform {

/// First pass: notes what the test's arguments and its macro refer to. Errors: those of the templates; not_found for a
/// test that nobody defines, with the nearest name.
Status learn_generic_test(Engine& engine, Node& node);

/// Second pass: the query whose rows are the failures. `scope` is the node's.
Result<std::string> generic_test_query(const NodeScope& scope);

}  // namespace millrace::transform
