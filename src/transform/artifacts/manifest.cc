// manifest.json, version 12: a walk over the project.
#include <fmt/format.h>

#include <algorithm>

#include "base/words.h"
#include "transform/artifacts/artifacts.h"
#include "transform/artifacts/json_value.h"
#include "transform/project/settings.h"
#include "transform/render/relation_object.h"
#include "transform/run/compiled_files.h"

namespace millrace::transform {
namespace {

using json::Writer;

void texts(Writer& w, std::string_view key, const std::vector<std::string>& list) {
  w.key(key).begin_array();
  for (const std::string& s : list) w.value(s);
  w.end_array();
}

void text_or_null(Writer& w, std::string_view key, std::string_view text) {
  w.key(key);
  if (text.empty())
    w.null();
  else
    w.value(text);
}

void empty_object(Writer& w, std::string_view key) { w.key(key).begin_object().end_object(); }

void write_config(Writer& w, const Node& n) {
  w.key("config").begin_object().member("enabled", !n.disabled);
  for (const auto& [key, value] : n.config.entries()) {
    if (key == "enabled" || key == "materialized") continue;
    w.key(key);
    write_value(w, value);
  }
  if (n.type != ResourceType::source) w.member("materialized", n.materialized());
  for (const std::string_view list : {"tags", "pre-hook", "post-hook"})
    if (n.config.find(list) == nullptr) w.key(list).begin_array().end_array();
  if (n.config.find("meta") == nullptr) empty_object(w, "meta");
  if (n.is_test() && n.config.find("severity") == nullptr) w.member("severity", "ERROR");
  w.end_object();
}

void write_columns(Writer& w, const Node& n) {
  w.key("columns").begin_object();
  for (const Column& c : n.columns) {
    w.key(c.name).begin_object().member("name", c.name).member("description", c.description).key("meta");
    write_value(w, c.meta);
    text_or_null(w, "data_type", c.data_type);
    w.key("constraints");
    write_value(w, c.constraints);
    w.key("quote");
    if (c.quote)
      w.value(*c.quote);
    else
      w.null();
    texts(w, "tags", c.tags);
    w.end_object();
  }
  w.end_object();
}

void write_meta(Writer& w, const Node& n) {
  w.key("meta");
  if (const jinja::Value* meta = n.config.find("meta"); meta != nullptr && meta->is(jinja::Kind::dict))
    write_value(w, *meta);
  else
    w.begin_object().end_object();
}

void write_refs(Writer& w, const Node& n) {
  w.key("refs").begin_array();
  for (const RefCall& r : n.refs) {
    w.begin_object().member("name", r.name);
    text_or_null(w, "package", r.package);
    text_or_null(w, "version", r.version);
    w.end_object();
  }
  w.end_array().key("sources").begin_array();
  for (const SourceCall& s : n.sources) w.begin_array().value(s.source).value(s.table).end_array();
  w.end_array();
}

void write_depends_on(Writer& w, const Project& project, const Node& n) {
  w.key("depends_on").begin_object();
  texts(w, "macros", n.macros);
  w.key("nodes").begin_array();
  for (const NodeId id : n.depends_on) w.value(project.nodes[id].unique_id);
  w.end_array().end_object();
}

/// What all kinds of nodes share.
void write_common(Writer& w, const Node& n, double created_at) {
  w.member("database", n.relation.database).member("schema", n.relation.schema).member("name", n.name);
  w.member("resource_type", name_of(n.type)).member("package_name", n.package).member("path", n.path);
  w.member("original_file_path", n.original_path).member("unique_id", n.unique_id);
  texts(w, "fqn", n.fqn);
  w.key("checksum").begin_object().member("name", n.checksum.empty() ? "none" : "sha256");
  w.member("checksum", n.checksum).end_object();
  write_config(w, n);
  texts(w, "tags", n.config.texts("tags"));
  w.member("description", n.description);
  write_columns(w, n);
  write_meta(w, n);
  w.key("docs").begin_object().member("show", true).key("node_color").null().end_object();
  text_or_null(w, "patch_path", n.patch_path);
  empty_object(w, "unrendered_config");
  w.member("created_at", created_at);
}

void write_generic_test(Writer& w, const Project& project, const Node& n) {
  const GenericTest& t = *n.generic;
  w.key("test_metadata").begin_object().member("name", t.name).key("kwargs");
  write_value(w, t.kwargs);
  text_or_null(w, "namespace", t.name_space);
  w.end_object();
  text_or_null(w, "column_name", t.column);
  const Node& about = project.nodes[t.about];
  const bool is_source = about.type == ResourceType::source;
  text_or_null(w, "attached_node", is_source ? "" : std::string_view(about.unique_id));
  w.member("file_key_name",
           fmt::format("{}s.{}", name_of(about.type), is_source ? about.source->source_name : about.name));
}

void write_node(Writer& w, const Project& project, const Target& target, const Node& n, double created_at) {
  w.begin_object();
  write_common(w, n, created_at);
  w.member("alias", n.alias.empty() ? n.name : n.alias);
  text_or_null(w, "relation_name",
               n.is_test() || n.is_ephemeral() || n.type == ResourceType::analysis ? "" : printed(target, n.relation));
  w.member("raw_code", n.raw_code);
  w.key("group").null();
  if (n.type == ResourceType::seed) {
    w.member("root_path", project.package(n.package) == nullptr ? "" : project.package(n.package)->folder);
    w.key("depends_on").begin_object().key("macros").begin_array().end_array().end_object().end_object();
    return;
  }
  w.member("language", "sql");
  write_refs(w, n);
  w.key("metrics").begin_array().end_array();
  write_depends_on(w, project, n);
  w.key("compiled_path");
  if (n.compiled)
    w.value("target/" + CompiledFiles::path_of(n, "compiled"));
  else
    w.null();
  w.member("compiled", n.compiled);
  text_or_null(w, "compiled_code", n.compiled_code);
  w.member("extra_ctes_injected", true).key("extra_ctes").begin_array();
  for (const NodeId id : n.injected)
    w.begin_object().member("id", project.nodes[id].unique_id).key("sql").null().end_object();
  w.end_array().key("contract").begin_object().member("enforced", false).key("alias_types").value(true);
  w.key("checksum").null().end_object();
  w.key("build_path").null();
  if (n.is_model())
    w.member("access", n.config.text("access", "protected")).key("constraints").begin_array().end_array();
  if (n.generic) write_generic_test(w, project, n);
  w.end_object();
}

void write_source(Writer& w, const Target& target, const Node& n, double created_at) {
  const SourceFacts& f = *n.source;
  w.begin_object();
  write_common(w, n, created_at);
  w.member("source_name", f.source_name).member("source_description", f.source_description).member("loader", f.loader);
  w.member("identifier", n.relation.identifier).member("relation_name", printed(target, n.relation));
  text_or_null(w, "loaded_at_field", f.loaded_at_field);
  w.key("freshness");
  write_value(w, f.freshness);
  w.key("source_meta");
  write_value(w, f.source_meta);
  empty_object(w, "quoting");
  w.key("external").null();
  w.end_object();
}

void write_macros(Writer& w, const Project& project, double created_at) {
  w.key("macros").begin_object();
  for (const Macro& m : project.macros) {
    w.key(m.unique_id).begin_object().member("name", m.name).member("resource_type", "macro");
    w.member("package_name", m.package).member("path", m.path).member("original_file_path", m.original_path);
    w.member("unique_id", m.unique_id).member("macro_sql", m.text).key("depends_on").begin_object();
    texts(w, "macros", m.depends_on);
    w.end_object().member("description", m.description);
    empty_object(w, "meta");
    w.key("docs").begin_object().member("show", true).key("node_color").null().end_object();
    w.key("patch_path").null().key("arguments").begin_array().end_array().key("supported_languages").null();
    w.member("created_at", created_at).end_object();
  }
  w.end_object();
}

void write_docs(Writer& w, const Project& project) {
  w.key("docs").begin_object();
  for (const auto& [key, text] : project.docs) {
    const auto dot = key.find('.');
    const std::string id = "doc." + key;
    w.key(id).begin_object().member("name", key.substr(dot + 1)).member("resource_type", "doc");
    w.member("package_name", key.substr(0, dot)).member("unique_id", id).member("block_contents", text).end_object();
  }
  w.end_object();
}

/// Keys that are written by us, whatever the YAML says.
bool is_ours(std::string_view key) {
  return key == "unique_id" || key == "resource_type" || key == "package_name" || key == "original_file_path" ||
         key == "depends_on" || key == "fqn" || key == "path";
}

void write_carried_depends_on(Writer& w, const Project& project, const Carried& c) {
  texts(w, "fqn", {c.package, c.name});
  w.member("path", c.original_path).key("depends_on").begin_object().key("macros").begin_array().end_array();
  w.key("nodes").begin_array();
  for (const RefCall& r : c.refs)
    if (const auto it = project.refables.find(r.name); it != project.refables.end())
      w.value(project.nodes[it->second.front()].unique_id);
  for (const SourceCall& s : c.sources)
    if (const auto it = project.source_tables.find(s.source + "." + s.table); it != project.source_tables.end())
      w.value(project.nodes[it->second.front()].unique_id);
  w.end_array().end_object();
}

void write_carried(Writer& w, const Project& project, std::string_view section, std::string_view kind) {
  w.key(section).begin_object();
  for (const Carried& c : project.carried) {
    if (c.kind != kind) continue;
    w.key(c.unique_id).begin_object();
    if (c.fields.is(jinja::Kind::dict))
      for (const auto& e : c.fields.dict_entries().entries()) {
        if (!e.key.is(jinja::Kind::text) || is_ours(e.key.text())) continue;
        w.key(e.key.text());
        write_value(w, e.value);
      }
    write_carried_depends_on(w, project, c);
    w.member("unique_id", c.unique_id).member("resource_type", c.kind).member("package_name", c.package);
    w.member("original_file_path", c.original_path).end_object();
  }
  w.end_object();
}

void write_maps(Writer& w, const Project& project, const Graph& graph) {
  for (const bool up : {true, false}) {
    w.key(up ? "parent_map" : "child_map").begin_object();
    for (NodeId id = 0; id < project.nodes.size(); ++id) {
      if (project.nodes[id].disabled) continue;
      w.key(project.nodes[id].unique_id).begin_array();
      for (const NodeId other : up ? graph.parents(id) : graph.children(id)) w.value(project.nodes[other].unique_id);
      w.end_array();
    }
    w.end_object();
  }
}

}  // namespace

std::string manifest_json(const Project& project, const Graph& graph, const Target& target,
                          const Invocation& invocation) {
  const double created_at = static_cast<double>(invocation.started_at.time_since_epoch().count()) / 1e6;
  Writer w;
  w.begin_object().key("metadata").begin_object();
  w.member("dbt_schema_version", "https://schemas.getdbt.com/dbt/manifest/v12.json").member("dbt_version", kDbtVersion);
  w.member("generated_at", to_iso8601(invocation.started_at)).member("invocation_id", invocation.id);
  w.member("project_name", project.name).member("adapter_type", target.dialect->name());
  w.key("project_id").null();
  empty_object(w, "env");
  w.end_object().key("nodes").begin_object();
  for (const Node& n : project.nodes) {
    if (n.disabled || n.type == ResourceType::source) continue;
    w.key(n.unique_id);
    write_node(w, project, target, n, created_at);
  }
  w.end_object().key("sources").begin_object();
  for (const Node& n : project.nodes) {
    if (n.disabled || n.type != ResourceType::source) continue;
    w.key(n.unique_id);
    write_source(w, target, n, created_at);
  }
  w.end_object();
  write_macros(w, project, created_at);
  write_docs(w, project);
  write_carried(w, project, "exposures", "exposure");
  write_carried(w, project, "metrics", "metric");
  write_carried(w, project, "groups", "group");
  empty_object(w, "selectors");
  w.key("disabled").begin_object();
  for (const Node& n : project.nodes) {
    if (!n.disabled || n.type == ResourceType::source) continue;
    w.key(n.unique_id).begin_array();
    write_node(w, project, target, n, created_at);
    w.end_array();
  }
  w.end_object();
  write_maps(w, project, graph);
  empty_object(w, "group_map");
  write_carried(w, project, "saved_queries", "saved_query");
  write_carried(w, project, "semantic_models", "semantic_model");
  write_carried(w, project, "unit_tests", "unit_test");
  empty_object(w, "functions");
  return w.end_object().text();
}

}  // namespace millrace::transform
