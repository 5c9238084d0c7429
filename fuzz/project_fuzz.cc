/// Any bytes as dbt_project.yml, as a properties file and as a file of macros: an error with a message, or a project.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "transform/project/blocks.h"
#include "transform/project/properties.h"
#include "transform/project/settings.h"
#include "transform/project/yaml_scope.h"
#include "warehouse/dialect.h"

namespace {

using namespace millrace;
using namespace millrace::transform;

struct Names final : warehouse::StandardDialect {
  std::string_view name() const override { return "duckdb"; }
};

Project with_models() {
  Project p;
  p.name = "shop";
  p.packages.push_back({"shop", "/shop", {}, true});
  p.packages.front().settings.name = "shop";
  for (const char* name : {"orders", "customers"}) {
    Node n;
    n.name = name;
    n.package = "shop";
    n.unique_id = std::string("model.shop.") + name;
    n.fqn = {"shop", name};
    p.by_unique_id.emplace(n.unique_id, static_cast<NodeId>(p.nodes.size()));
    p.refables[name].push_back(static_cast<NodeId>(p.nodes.size()));
    p.nodes.push_back(std::move(n));
  }
  return p;
}

void check(const Status& done) {
  if (!done && done.error().message.empty()) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 1 << 16) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static const Names dialect;
  Target target;
  target.dialect = &dialect;
  const Invocation invocation;
  Project project = with_models();
  const YamlScope scope(project, target, invocation, "shop");
  std::vector<Warning> warnings;
  auto settings = read_settings(text, "dbt_project.yml", scope, warnings);
  if (settings) project.packages.front().settings = *std::move(settings);
  auto root = yaml::parse(text, "models/schema.yml", yaml::Leniency{true});
  if (root) check(apply_properties({{"models/schema.yml", 0, *std::move(root)}}, project, target, invocation));
  (void)scan_blocks(text, "macros/m.sql", {"macro", "test", "data_test", "materialization", "snapshot", "docs"});
  return 0;
}
