#pragma once
/// \file transform/graph/graph.h
/// Who reads whom. Nodes are Project::nodes; an edge goes from what is read to what reads it.

#include <string>
#include <vector>

#include "base/result.h"
#include "transform/project/project.h"

namespace millrace::transform {

/// Made from Node::depends_on; disabled nodes have no edges. Threads: safe to share, it never changes.
class Graph {
 public:
  /// Errors: invalid_input for a cycle, with every file on it: "models/a.sql -> models/b.sql -> models/a.sql".
  static Result<Graph> of(const Project& project);

  [[nodiscard]] const std::vector<NodeId>& parents(NodeId id) const { return parents_[id]; }
  [[nodiscard]] const std::vector<NodeId>& children(NodeId id) const { return children_[id]; }
  /// All enabled nodes, parents first; among the ready ones by unique id: the same order every time.
  [[nodiscard]] const std::vector<NodeId>& order() const { return order_; }
  /// All that can be reached in at most `depth` steps (-1: any number), without `from` itself; sorted.
  [[nodiscard]] std::vector<NodeId> ancestors(const std::vector<NodeId>& from, int depth = -1) const;
  [[nodiscard]] std::vector<NodeId> descendants(const std::vector<NodeId>& from, int depth = -1) const;

 private:
  std::vector<std::vector<NodeId>> parents_, children_;
  std::vector<NodeId> order_;
};

}  // namespace millrace::transform
