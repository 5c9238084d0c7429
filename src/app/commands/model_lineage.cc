// lineage: what a model or a column is made from, and what is made from it.
#include <fmt/format.h>

#include <algorithm>

#include "app/commands/model_look.h"
#include "app/model_project.h"
#include "app/tell.h"
#include "base/json.h"
#include "base/words.h"
#include "transform/graph/lineage.h"
#include "transform/run/introspect.h"

namespace millrace::app {
namespace {

using transform::ColumnLineage;
using transform::NodeId;
using transform::Project;

Result<NodeId> model_called(const Project& project, const std::string& name) {
  if (const auto it = project.refables.find(name); it != project.refables.end())
    for (const NodeId id : it->second)
      if (!project.nodes[id].disabled) return id;
  std::vector<std::string> known;
  for (const transform::Node& n : project.nodes) {
    if (n.disabled || n.is_test()) continue;
    if (n.relation.text() == name || n.unique_id == name) return project.id_of(n.unique_id);
    known.push_back(n.name);
  }
  const std::string near = nearest(name, known);
  return Error{ErrorKind::not_found,
               fmt::format("\"{}\" is no model of this project", printable(name)),
               near.empty() ? "millrace ls lists them" : fmt::format("did you mean {}?", near),
               {}};
}

std::string shown(const transform::Node& n) {
  return n.source ? fmt::format("source {}", n.relation.text())
                  : fmt::format("{} {}", name_of(n.type), n.is_ephemeral() ? n.name : n.relation.text());
}

void tell_list(std::string_view title, const Project& project, const std::vector<NodeId>& ids) {
  tell(stdout, "{}\n", title);
  if (ids.empty()) tell(stdout, "  nothing\n");
  for (const NodeId id : ids) tell(stdout, "  {}\n", shown(project.nodes[id]));
}

std::string origins(const ColumnLineage& c) {
  if (!c.unknown.empty()) return "unknown: " + c.unknown;
  std::vector<std::string> parts;
  for (const auto& o : c.from) parts.push_back(o.relation + "." + o.column);
  return parts.empty() ? "no column: a constant, a count, or a function" : join(parts, ", ");
}

void write_ids(json::Writer& w, std::string_view key, const Project& project, const std::vector<NodeId>& ids) {
  w.key(key).begin_array();
  for (const NodeId id : ids) w.value(project.nodes[id].unique_id);
  w.end_array();
}

void write_columns(json::Writer& w, const std::vector<ColumnLineage>& columns) {
  w.key("columns").begin_array();
  for (const ColumnLineage& c : columns) {
    w.begin_object().member("name", c.column).key("from").begin_array();
    for (const auto& o : c.from)
      w.begin_object().member("relation", o.relation).member("column", o.column).end_object();
    w.end_array().key("unknown");
    if (c.unknown.empty())
      w.null();
    else
      w.value(c.unknown);
    w.end_object();
  }
  w.end_array();
}

/// The columns, where the warehouse can be asked.
Result<std::vector<ColumnLineage>> columns_of(ModelProject& project, NodeId id) {
  transform::LoadedProject& loaded = project.loaded();
  const transform::Node& node = loaded.project().nodes[id];
  if (!node.is_model()) return std::vector<ColumnLineage>{};
  transform::Catalogue catalogue(*project.session());
  MR_CHECK(catalogue.load());
  loaded.renderer().look_into(&catalogue);
  const Status compiled = loaded.renderer().compile(id);
  loaded.renderer().look_into(nullptr);
  MR_CHECK(Status(compiled));
  return transform::column_lineage(loaded.project(), id, *project.session());
}

Result<int> lineage(const CommonOptions& common, const ModelArguments& arguments) {
  MR_TRY(const auto project, ModelProject::find(common, arguments, "lineage"));
  MR_CHECK(project->open(false));
  MR_CHECK(project->load());
  const Project& all = project->loaded().project();
  std::string name = arguments.column, column;
  auto id = model_called(all, name);
  if (const auto dot = name.rfind('.'); !id && dot != std::string::npos) {
    column = name.substr(dot + 1);
    id = model_called(all, name.substr(0, dot));
  }
  if (!id) return std::move(id).error();
  MR_TRY(std::vector<ColumnLineage> columns, columns_of(*project, *id));
  if (!column.empty()) {
    std::vector<std::string> known;
    for (const ColumnLineage& c : columns) known.push_back(c.column);
    std::erase_if(columns, [&](const ColumnLineage& c) { return to_lower_ascii(c.column) != to_lower_ascii(column); });
    if (columns.empty()) {
      const std::string near = nearest(column, known);
      return Error{ErrorKind::not_found,
                   fmt::format("{} has no column \"{}\"", all.nodes[*id].name, printable(column)),
                   near.empty() ? "it has " + join(known, ", ") : fmt::format("did you mean {}?", near),
                   {}};
    }
  }
  if (arguments.open_lineage) {
    tell(stdout, "{}\n", transform::openlineage_facets(all, *id, columns));
    return 0;
  }
  const transform::Graph& graph = project->loaded().graph();
  std::vector<NodeId> down = graph.descendants({*id});
  std::erase_if(down, [&](NodeId d) { return all.nodes[d].is_test(); });
  if (common.json) {
    json::Writer w;
    w.begin_object().member("unique_id", all.nodes[*id].unique_id);
    write_ids(w, "upstream", all, graph.ancestors({*id}));
    write_ids(w, "downstream", all, down);
    write_columns(w, columns);
    tell(stdout, "{}\n", w.end_object().text());
    return 0;
  }
  if (column.empty()) {
    tell(stdout, "{}\n", shown(all.nodes[*id]));
    tell_list("made from", all, graph.ancestors({*id}));
    tell_list("used by", all, down);
    tell(stdout, "columns\n");
  }
  for (const ColumnLineage& c : columns) tell(stdout, "  {:<24} {}\n", c.column, origins(c));
  return 0;
}

}  // namespace

int run_lineage(const CommonOptions& common, const ModelArguments& arguments) {
  const Result<int> code = lineage(common, arguments);
  return code ? *code : finish_with(common, code.error());
}

}  // namespace millrace::app
