#include "transform/render/resolve.h"

#include <fmt/format.h>

#include "base/words.h"

namespace millrace::transform {
namespace {

Error disabled_error(const std::string& call, const Node& node) {
  return {ErrorKind::invalid_input,
          fmt::format("{} names a {} that is disabled: {}", call, name_of(node.type), node.declared.where()),
          "set enabled: true for it, or remove the reference",
          {}};
}

/// Of the candidates the enabled one that a node of `package` means: root first, then its own package, then any.
template <class Accept>
NodeId choose(const Project& project, const std::vector<NodeId>& candidates, std::string_view package,
              const Accept& accepts) {
  NodeId own = kNoNode, any = kNoNode;
  for (const NodeId id : candidates) {
    const Node& n = project.nodes[id];
    if (n.disabled || !accepts(n)) continue;
    if (n.package == project.root().name) return id;
    if (n.package == package && own == kNoNode) own = id;
    if (any == kNoNode) any = id;
  }
  return own != kNoNode ? own : any;
}

}  // namespace

std::string in_words(const RefCall& call) {
  return call.package.empty() ? fmt::format("ref('{}')", call.name)
                              : fmt::format("ref('{}', '{}')", call.package, call.name);
}

std::string in_words(const SourceCall& call) { return fmt::format("source('{}', '{}')", call.source, call.table); }

Result<NodeId> resolve_ref(const Project& project, std::string_view package, const RefCall& call) {
  if (!call.version.empty())
    return Error{ErrorKind::unsupported,
                 fmt::format("{} asks for version {}: versions of models come with a later version of millrace",
                             in_words(call), call.version),
                 {},
                 {}};
  const auto it = project.refables.find(call.name);
  if (it != project.refables.end()) {
    const NodeId id = choose(project, it->second, package,
                             [&](const Node& n) { return call.package.empty() || n.package == call.package; });
    if (id != kNoNode) return id;
    for (const NodeId other : it->second)
      if (const Node& n = project.nodes[other]; n.disabled && (call.package.empty() || n.package == call.package))
        return disabled_error(in_words(call), n);
  }
  if (!call.package.empty() && project.package(call.package) == nullptr) {
    std::vector<std::string> known;
    for (const Package& p : project.packages) known.push_back(p.name);
    const std::string near = nearest(call.package, known);
    return Error{ErrorKind::not_found,
                 fmt::format("{}: there is no package \"{}\"", in_words(call), call.package),
                 near.empty() ? "packages lie in dbt_packages/" : fmt::format("did you mean '{}'?", near),
                 {}};
  }
  std::vector<std::string> known;
  for (const auto& [name, ids] : project.refables)
    if (choose(project, ids, package,
               [&](const Node& n) { return call.package.empty() || n.package == call.package; }) != kNoNode)
      known.push_back(name);
  std::sort(known.begin(), known.end());
  const std::string near = nearest(call.name, known);
  return Error{
      ErrorKind::not_found,
      fmt::format("{} names no model, seed or snapshot of this project", in_words(call)),
      near.empty() ? "models are called as their files, without .sql" : fmt::format("did you mean ref('{}')?", near),
      {}};
}

Result<NodeId> resolve_source(const Project& project, std::string_view package, const SourceCall& call) {
  const auto it = project.source_tables.find(call.source + "." + call.table);
  if (it != project.source_tables.end()) {
    const NodeId id = choose(project, it->second, package, [](const Node&) { return true; });
    if (id != kNoNode) return id;
    return disabled_error(in_words(call), project.nodes[it->second.front()]);
  }
  std::vector<std::string> known;
  for (const auto& [name, ids] : project.source_tables)
    if (const Node& n = project.nodes[ids.front()]; n.source)
      known.push_back(in_words(SourceCall{n.source->source_name, n.name}));
  std::sort(known.begin(), known.end());
  const std::string near = nearest(in_words(call), known);
  return Error{ErrorKind::not_found,
               fmt::format("{} is not declared", in_words(call)),
               near.empty() ? "declare it under sources: in a properties file" : fmt::format("did you mean {}?", near),
               {}};
}

}  // namespace millrace::transform
