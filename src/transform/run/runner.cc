#include "transform/run/runner.h"

#include <unordered_map>

#include "transform/run/runner_gate.h"
#include "transform/run/schedule.h"

namespace millrace::transform {
namespace {

bool failed(const NodeResult& r) { return r.status == RunStatus::error || r.status == RunStatus::fail; }

Status compile_all(NodeRunner& runner) {
  MR_CHECK(runner.prepare());
  for (std::size_t i = 0; i < runner.order().size(); ++i) {
    MR_CHECK(runner.check_cancelled());
    MR_CHECK(runner.compile(i));
  }
  return ok();
}

/// dbt's way: each node by itself, a failure holds up what is downstream of it.
Status run_one_by_one(const RunParts& parts, const RunRequest& request, NodeRunner& runner, RunReport& report) {
  MR_CHECK(runner.prepare());
  MR_CHECK(runner.run_project_hooks(true));
  std::unordered_map<NodeId, NodeId> held_up;  // by what
  const NodeResult* last = nullptr;
  for (std::size_t i = 0; i < runner.order().size(); ++i) {
    MR_CHECK(runner.check_cancelled());
    if (request.fail_fast && last != nullptr && failed(*last)) {
      const std::string name = last->name;
      for (; i < runner.order().size(); ++i) runner.skip(i, "because " + name + " failed, and --fail-fast");
      break;
    }
    const auto it = held_up.find(runner.order()[i]);
    if (it != held_up.end()) {
      runner.skip(i, "because " + parts.project->nodes[it->second].name + " failed");
      continue;
    }
    MR_TRY(last, runner.run(i, true));
    if (!failed(*last)) continue;
    for (const NodeId id : held_up_by(*parts.project, *parts.graph, last->node)) held_up.emplace(id, last->node);
  }
  if (auto ended = runner.run_project_hooks(false); !ended) report.refused = std::move(ended).error().message;
  return ok();
}

}  // namespace

Result<RunReport> run(const RunParts& parts, const RunRequest& request) {
  const SteadyTime start = parts.clock->steady();
  RunReport report;
  NodeRunner runner(parts, request);
  if (request.compile_only) {
    MR_CHECK(compile_all(runner));
  } else if (request.gate) {
    MR_CHECK(run_gated(parts, request, runner, report));
  } else {
    MR_CHECK(run_one_by_one(parts, request, runner, report));
    report.committed = true;
  }
  report.results = std::move(runner.results());
  report.elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(parts.clock->steady() - start);
  return report;
}

}  // namespace millrace::transform
