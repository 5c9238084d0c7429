#include "transform/run/persist_docs.h"

#include <fmt/format.h>

#include <unordered_map>

#include "base/words.h"

namespace millrace::transform {
namespace {

bool wants(const Node& node, std::string_view what) {
  const jinja::Value* config = node.config.find("persist_docs");
  if (config == nullptr || !config->is(jinja::Kind::dict)) return false;
  const jinja::Value* value = config->dict_entries().find(what);
  return value != nullptr && value->is(jinja::Kind::boolean) && value->boolean();
}

Status comment_columns(Execution& on, const std::string& relation) {
  std::unordered_map<std::string, const std::string*> described;
  for (const Column& column : on.node().columns)
    if (!column.description.empty()) described[to_lower_ascii(column.name)] = &column.description;
  if (described.empty()) return ok();
  MR_TRY(const auto columns, on.catalogue().columns_of(on.node().relation));
  for (const auto& column : columns) {
    const auto it = described.find(to_lower_ascii(column.first));
    if (it == described.end()) continue;
    MR_CHECK(on.run(fmt::format("COMMENT ON COLUMN {}.{} IS {}", relation, on.dialect().quote(column.first),
                                on.dialect().literal(*it->second))));
  }
  return ok();
}

}  // namespace

Status persist_docs(Execution& on) {
  const std::string relation = quoted(on.dialect(), on.node().relation);
  if (wants(on.node(), "relation") && !on.node().description.empty()) {
    MR_TRY(const warehouse::RelationKind kind, on.catalogue().kind_of(on.node().relation));
    MR_CHECK(on.run(fmt::format("COMMENT ON {} {} IS {}", kind == warehouse::RelationKind::view ? "VIEW" : "TABLE",
                                relation, on.dialect().literal(on.node().description))));
  }
  return wants(on.node(), "columns") ? comment_columns(on, relation) : ok();
}

}  // namespace millrace::transform
