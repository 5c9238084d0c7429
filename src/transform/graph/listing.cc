#include "transform/graph/listing.h"

#include <fmt/format.h>

#include "base/json.h"
#include "base/words.h"
#include "transform/artifacts/json_value.h"

namespace millrace::transform {
namespace {

void write_texts(json::Writer& w, const std::vector<std::string>& list) {
  w.begin_array();
  for (const std::string& s : list) w.value(s);
  w.end_array();
}

bool write_key(json::Writer& w, const Project& project, const Node& n, std::string_view key) {
  if (key == "name")
    w.member(key, n.name);
  else if (key == "unique_id")
    w.member(key, n.unique_id);
  else if (key == "resource_type")
    w.member(key, name_of(n.type));
  else if (key == "package_name")
    w.member(key, n.package);
  else if (key == "original_file_path")
    w.member(key, n.original_path);
  else if (key == "path")
    w.member(key, n.path);
  else if (key == "alias")
    w.member(key, n.alias);
  else if (key == "schema")
    w.member(key, n.relation.schema);
  else if (key == "database")
    w.member(key, n.relation.database);
  else if (key == "description")
    w.member(key, n.description);
  else if (key == "materialized")
    w.member(key, n.materialized());
  else if (key == "source_name" && n.source)
    w.member(key, n.source->source_name);
  else if (key == "tags") {
    w.key(key);
    write_texts(w, n.config.texts("tags"));
  } else if (key == "fqn") {
    w.key(key);
    write_texts(w, n.fqn);
  } else if (key == "depends_on") {
    w.key(key).begin_object().key("nodes").begin_array();
    for (const NodeId id : n.depends_on) w.value(project.nodes[id].unique_id);
    w.end_array().key("macros");
    write_texts(w, n.macros);
    w.end_object();
  } else if (key == "config") {
    w.key(key).begin_object().member("enabled", !n.disabled).member("materialized", n.materialized());
    for (const auto& [name, value] : n.config.entries()) {
      if (name == "enabled" || name == "materialized") continue;
      w.key(name);
      write_value(w, value);
    }
    w.end_object();
  } else
    return false;
  return true;
}

}  // namespace

Result<std::string> listed(const Project& project, const Node& node, std::string_view output,
                           const std::vector<std::string>& keys) {
  if (output == "selector") {
    if (node.source) return fmt::format("source:{}.{}.{}", node.package, node.source->source_name, node.name);
    return join(node.fqn, ".");
  }
  if (output == "name") return node.source ? node.source->source_name + "." + node.name : node.name;
  if (output == "path") return node.original_path;
  if (output != "json")
    return Error{ErrorKind::invalid_input,
                 fmt::format("--output: found \"{}\", expected selector, name, path or json", printable(output)),
                 {},
                 {}};
  static const std::vector<std::string> usual{"alias",     "name",       "package_name",  "depends_on",
                                              "tags",      "config",     "resource_type", "original_file_path",
                                              "unique_id", "source_name"};
  json::Writer w;
  w.begin_object();
  for (const std::string& key : keys.empty() ? usual : keys) (void)write_key(w, project, node, key);
  return w.end_object().text();
}

}  // namespace millrace::transform
