#include "transform/graph/lineage.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.h"
#include "base/words.h"

namespace millrace::transform {
namespace {

std::string key_of(const Relation& r) { return to_lower_ascii(r.schema + "." + r.identifier); }

}  // namespace

Result<std::vector<ColumnLineage>> column_lineage(const Project& project, NodeId model, warehouse::Session& session) {
  const Node& node = project.nodes[model];
  ColumnsOf known;
  for (const NodeId id : node.depends_on) {
    const Node& parent = project.nodes[id];
    if (parent.is_ephemeral()) continue;  // its text is part of the query
    auto columns = session.columns_of("SELECT * FROM " + warehouse::quote(session.dialect(), parent.relation.name()));
    if (!columns) continue;  // not built yet: what needs its columns is said to be unknown
    for (const millrace::Column& c : *columns) known[key_of(parent.relation)].push_back(c.name);
  }
  MR_TRY(const warehouse::Rows rows, session.query({"lineage of " + node.name,
                                                    "SELECT CAST(json_serialize_sql(CAST($1 AS VARCHAR)) AS VARCHAR)",
                                                    {node.compiled_code}}));
  if (rows.rows.empty()) return std::vector<ColumnLineage>{};
  return lineage_of_statement(warehouse::to_text(rows.rows[0][0]), known);
}

std::string openlineage_facets(const Project& project, NodeId model, const std::vector<ColumnLineage>& columns) {
  static constexpr std::string_view kProducer = "https://github.com/millrace";
  const Node& node = project.nodes[model];
  const auto facet = [](json::Writer& w, std::string_view schema) {
    w.member("_producer", kProducer);
    w.member("_schemaURL", fmt::format("https://openlineage.io/spec/facets/{}", schema));
  };
  json::Writer w;
  w.begin_object().member("namespace", "duckdb").member("name", node.relation.text()).key("facets").begin_object();
  w.key("schema").begin_object();
  facet(w, "1-1-1/SchemaDatasetFacet.json#/$defs/SchemaDatasetFacet");
  w.key("fields").begin_array();
  for (const ColumnLineage& c : columns) w.begin_object().member("name", c.column).end_object();
  w.end_array().end_object().key("columnLineage").begin_object();
  facet(w, "1-2-0/ColumnLineageDatasetFacet.json#/$defs/ColumnLineageDatasetFacet");
  w.key("fields").begin_object();
  for (const ColumnLineage& c : columns) {
    if (!c.unknown.empty()) continue;  // what is not known is left out, as the standard has it
    w.key(c.column).begin_object().key("inputFields").begin_array();
    for (const ColumnOrigin& o : c.from)
      w.begin_object().member("namespace", "duckdb").member("name", o.relation).member("field", o.column).end_object();
    w.end_array().end_object();
  }
  return w.end_object().end_object().end_object().end_object().text();
}

}  // namespace millrace::transform
