#pragma once
/// \file transform/run/schedule.h
/// In which order nodes run, and what does not run after a failure.
/// Source: contracts/dbt.md section 5 "Build order".

#include <vector>

#include "transform/run/runner.h"

namespace millrace::transform {

/// The nodes that this command runs. Gate: what builds, then all tests. Without: each test right behind the last of the
/// selected nodes that it depends on, so that what it guards waits for it.
std::vector<NodeId> schedule(const Project& project, const Graph& graph, const RunRequest& request);

/// What must not run once `failed` has failed: of a test, all that is downstream of everything that it tests; of other
/// nodes, all that is downstream of it. Sorted.
std::vector<NodeId> held_up_by(const Project& project, const Graph& graph, NodeId failed);

}  // namespace millrace::transform
