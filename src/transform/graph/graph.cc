#include "transform/graph/graph.h"

#include <fmt/format.h>

#include <algorithm>
#include <queue>

#include "base/words.h"

namespace millrace::transform {
namespace {

/// A way from a node back to itself, among the nodes that no order could reach.
std::vector<NodeId> circle_in(const std::vector<std::vector<NodeId>>& parents, const std::vector<int>& waiting) {
  NodeId at = 0;
  while (waiting[at] <= 0) ++at;
  std::vector<NodeId> path;
  // Every node left over waits for one that is left over: going up must come back.
  while (std::find(path.begin(), path.end(), at) == path.end()) {
    path.push_back(at);
    at = *std::find_if(parents[at].begin(), parents[at].end(), [&](NodeId p) { return waiting[p] > 0; });
  }
  path.erase(path.begin(), std::find(path.begin(), path.end(), at));
  std::reverse(path.begin(), path.end());  // from what is read to what reads it
  return path;
}

}  // namespace

Result<Graph> Graph::of(const Project& project) {
  Graph g;
  const std::size_t n = project.nodes.size();
  g.parents_.resize(n);
  g.children_.resize(n);
  std::vector<int> waiting(n, 0);
  for (NodeId id = 0; id < n; ++id) {
    if (project.nodes[id].disabled) continue;
    for (const NodeId parent : project.nodes[id].depends_on) {
      if (project.nodes[parent].disabled) continue;
      g.parents_[id].push_back(parent);
      g.children_[parent].push_back(id);
      ++waiting[id];
    }
  }
  const auto later = [&](NodeId a, NodeId b) { return project.nodes[a].unique_id > project.nodes[b].unique_id; };
  std::priority_queue<NodeId, std::vector<NodeId>, decltype(later)> ready(later);
  std::size_t enabled = 0;
  for (NodeId id = 0; id < n; ++id) {
    if (project.nodes[id].disabled) continue;
    ++enabled;
    if (waiting[id] == 0) ready.push(id);
  }
  while (!ready.empty()) {
    const NodeId id = ready.top();
    ready.pop();
    g.order_.push_back(id);
    for (const NodeId child : g.children_[id])
      if (--waiting[child] == 0) ready.push(child);
  }
  if (g.order_.size() == enabled) return g;
  std::vector<std::string> names;
  const std::vector<NodeId> circle = circle_in(g.parents_, waiting);
  for (const NodeId id : circle) names.push_back(project.nodes[id].declared.where());
  names.push_back(project.nodes[circle.front()].declared.where());
  return Error{ErrorKind::invalid_input,
               fmt::format("models depend on each other in a circle: {}", join(names, " -> ")),
               "remove one of the refs",
               {}};
}

namespace {

std::vector<NodeId> reached(const std::vector<std::vector<NodeId>>& edges, const std::vector<NodeId>& from, int depth) {
  std::vector<bool> seen(edges.size(), false);
  for (const NodeId id : from) seen[id] = true;
  std::vector<NodeId> out, level = from, next;
  for (int steps = 0; !level.empty() && (depth < 0 || steps < depth); ++steps) {
    next.clear();
    for (const NodeId id : level)
      for (const NodeId to : edges[id]) {
        if (seen[to]) continue;
        seen[to] = true;
        out.push_back(to);
        next.push_back(to);
      }
    level.swap(next);
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

std::vector<NodeId> Graph::ancestors(const std::vector<NodeId>& from, int depth) const {
  return reached(parents_, from, depth);
}
std::vector<NodeId> Graph::descendants(const std::vector<NodeId>& from, int depth) const {
  return reached(children_, from, depth);
}

}  // namespace millrace::transform
