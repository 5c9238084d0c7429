#include "transform/run/schedule.h"

#include <algorithm>
#include <iterator>

namespace millrace::transform {
namespace {

bool runs(const Node& node, bool compile_only) {
  if (node.disabled) return false;
  switch (node.type) {
    case ResourceType::model: return compile_only || !node.is_ephemeral();
    case ResourceType::test: return true;
    case ResourceType::analysis: return compile_only;
    case ResourceType::seed:
    case ResourceType::snapshot: return !compile_only;
    case ResourceType::source: return false;
  }
  return false;
}

/// For each node, behind how many of `building` all of its selected ancestors are done.
std::vector<std::size_t> ready_behind(const Project& project, const Graph& graph, const std::vector<NodeId>& building) {
  std::vector<std::size_t> own(project.nodes.size(), 0), out(project.nodes.size(), 0);
  for (std::size_t i = 0; i < building.size(); ++i) own[building[i]] = i + 1;
  for (const NodeId id : graph.order())
    for (const NodeId parent : graph.parents(id)) out[id] = std::max({out[id], out[parent], own[parent]});
  return out;
}

}  // namespace

std::vector<NodeId> schedule(const Project& project, const Graph& graph, const RunRequest& request) {
  std::vector<NodeId> building, tests;
  for (const NodeId id : request.nodes)
    if (runs(project.nodes[id], request.compile_only)) (project.nodes[id].is_test() ? tests : building).push_back(id);
  std::vector<NodeId> out;
  out.reserve(building.size() + tests.size());
  if (request.gate && !request.compile_only) {
    out = std::move(building);
    out.insert(out.end(), tests.begin(), tests.end());
    return out;
  }
  const std::vector<std::size_t> ready = ready_behind(project, graph, building);
  std::stable_sort(tests.begin(), tests.end(), [&](NodeId a, NodeId b) { return ready[a] < ready[b]; });
  std::size_t next = 0;
  for (std::size_t done = 0; done <= building.size(); ++done) {
    if (done > 0) out.push_back(building[done - 1]);
    while (next < tests.size() && ready[tests[next]] <= done) out.push_back(tests[next++]);
  }
  return out;
}

std::vector<NodeId> held_up_by(const Project& project, const Graph& graph, NodeId failed) {
  if (!project.nodes[failed].is_test()) return graph.descendants({failed});
  const std::vector<NodeId>& tested = graph.parents(failed);
  std::vector<NodeId> out;
  for (std::size_t i = 0; i < tested.size(); ++i) {
    const std::vector<NodeId> below = graph.descendants({tested[i]});
    if (i == 0) {
      out = below;
    } else {
      std::vector<NodeId> both;
      std::set_intersection(out.begin(), out.end(), below.begin(), below.end(), std::back_inserter(both));
      out = std::move(both);
    }
  }
  // Another test of the same nodes is not guarded by this one: only what is downstream of a held up node is.
  std::vector<NodeId> held;
  for (const NodeId id : out) {
    const auto& parents = graph.parents(id);
    const auto is_held = [&](NodeId parent) { return std::binary_search(out.begin(), out.end(), parent); };
    if (!project.nodes[id].is_test() || std::any_of(parents.begin(), parents.end(), is_held)) held.push_back(id);
  }
  return held;
}

}  // namespace millrace::transform
