/// Any bytes as a selection: an error with a message, or nodes of a small project; never a crash, never long.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "transform/graph/selection.h"

namespace {

using namespace millrace::transform;

/// raw.o -> a -> b -> c with a test on b.
Project small_project() {
  Project p;
  p.name = "shop";
  p.packages.push_back({"shop", "/shop", {}, true});
  const auto add = [&p](ResourceType type, const std::string& name, std::vector<NodeId> parents) {
    Node n;
    n.type = type;
    n.name = name;
    n.package = "shop";
    n.unique_id = std::string(name_of(type)) + ".shop." + name;
    n.original_path = "models/" + name + ".sql";
    n.fqn = {"shop", "gold", name};
    n.depends_on = std::move(parents);
    n.config.add("tags", millrace::jinja::Value("t"));
    p.nodes.push_back(std::move(n));
  };
  add(ResourceType::model, "a", {});
  add(ResourceType::model, "b", {0});
  add(ResourceType::model, "c", {1});
  add(ResourceType::test, "unique_b", {1});
  return p;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Project project = small_project();
  static const Graph graph = *Graph::of(project);
  if (size > 4096) return 0;
  SelectionRequest request;
  const std::string text(reinterpret_cast<const char*>(data), size);
  request.select = {text.substr(0, size / 2)};
  request.exclude = {text.substr(size / 2)};
  request.indirect = static_cast<Indirect>(size % 4);
  const auto chosen = select(project, graph, request);
  if (!chosen && chosen.error().message.empty()) __builtin_trap();
  if (chosen && chosen->nodes.size() > project.nodes.size()) __builtin_trap();
  (void)check_selector(text);
  return 0;
}
