#include "transform/project/project.h"

namespace millrace::transform {

const Package* Project::package(std::string_view wanted) const {
  for (const Package& p : packages)
    if (p.name == wanted) return &p;
  return nullptr;
}

NodeId Project::id_of(std::string_view unique_id) const {
  const auto it = by_unique_id.find(std::string(unique_id));
  return it == by_unique_id.end() ? kNoNode : it->second;
}

const Node* Project::find(std::string_view unique_id) const {
  const NodeId id = id_of(unique_id);
  return id == kNoNode ? nullptr : &nodes[id];
}

}  // namespace millrace::transform
