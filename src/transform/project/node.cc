#include "transform/project/node.h"

#include <fmt/format.h>

#include <array>

namespace millrace::transform {

std::string_view name_of(ResourceType type) {
  static constexpr std::array<std::string_view, 6> kNames{"model", "seed", "snapshot", "analysis", "test", "source"};
  return kNames[static_cast<std::size_t>(type)];
}

std::string Declared::where() const { return line > 0 ? fmt::format("{}:{}:{}", path, line, column) : path; }

std::string Node::materialized() const {
  switch (type) {
    case ResourceType::model: return config.text("materialized", "view");
    case ResourceType::seed: return "seed";
    case ResourceType::snapshot: return "snapshot";
    case ResourceType::analysis: return "view";
    case ResourceType::test: return "test";
    case ResourceType::source: return "source";
  }
  return {};
}

}  // namespace millrace::transform
