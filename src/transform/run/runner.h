#pragma once
/// \file transform/run/runner.h
/// Runs the nodes of a selection: seeds, models and data tests. With the gate everything happens in one transaction,
/// all models, then all tests, and becomes visible together or not at all; without it node by node, as dbt does.

#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "transform/graph/graph.h"
#include "transform/render/renderer.h"
#include "transform/run/results.h"
#include "warehouse/session.h"

namespace millrace::transform {

struct RunRequest {
  std::vector<NodeId>
      nodes;  ///< in graph order; those the command does not run (sources, analyses, ephemeral) are passed over
  bool gate = true;
  bool fail_fast = false;
  bool store_failures = false;  ///< --store-failures
  bool warn_error = false;      ///< --warn-error: a warning of a test is a failure
  bool compile_only = false;    ///< `compile`: render, run nothing
  /// Gate only: inside the transaction, after all tests have passed, before the commit.
  std::function<Status(warehouse::Session&)> before_commit;
  std::function<void(const NodeResult&, std::size_t index, std::size_t total)> on_start;  ///< index from 1
  std::function<void(const NodeResult&, std::size_t index, std::size_t total)> on_done;
  std::function<bool()> cancelled;  ///< asked between nodes
  std::string written_to;           ///< the target folder for compiled/ and run/; "" to write none
};

/// What a run works with. All is borrowed.
struct RunParts {
  Project* project = nullptr;
  const Graph* graph = nullptr;
  Renderer* renderer = nullptr;
  const Target* target = nullptr;
  const Invocation* invocation = nullptr;
  warehouse::Session* session = nullptr;
  const Clock* clock = nullptr;
};

/// A node that fails is a result, not an error. Errors: what kept the run as a whole from being done: the engine has
/// stopped, the commit is unknown, on-run-start failed, cancelled.
/// Failpoints: transform.node.before, transform.node.after, transform.write.before
Result<RunReport> run(const RunParts& parts, const RunRequest& request);

}  // namespace millrace::transform
