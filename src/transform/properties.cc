// Properties files: sources, model properties, and the tests both declare.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/words.h"
#include "transform/config_reader.h"
#include "transform/project_files.h"
#include "transform/test_name.h"

namespace millrace::transform {
namespace {

using yaml::Fields;
using yaml::Node;
using yaml::Place;

const std::map<std::string, TestKind, std::less<>>& generic_tests() {
  static const std::map<std::string, TestKind, std::less<>> kinds{{"not_null", TestKind::not_null},
                                                                  {"unique", TestKind::unique},
                                                                  {"accepted_values", TestKind::accepted_values},
                                                                  {"relationships", TestKind::relationships}};
  return kinds;
}

/// The arguments of a test, wherever dbt allows them to stand: beside its configs, or in `arguments:`.
Status read_test_arguments(const Node& node, const Place& place, DataTest& test,
                           std::map<std::string, std::vector<std::string>>& named) {
  for (const auto& [key, value] : node.members) {
    const Place at = place.member(key);
    if (key == "arguments") {
      MR_CHECK(read_test_arguments(value, at, test, named));
    } else if (key == "config") {
      MR_TRY(const Config config, read_config(value, at));
      test.config.merge(config);
    } else if (key == "name" || key == "description") {
      if (key == "name") test.name = value.scalar;
    } else if (key == "values" && test.kind == TestKind::accepted_values) {
      for (const Node& item : value.items) test.values.push_back(item.scalar);
      named["values"] = test.values;
    } else if (key == "quote" && test.kind == TestKind::accepted_values) {
      test.quote_values = value.scalar != "false" && value.scalar != "False";
      named["quote"] = {test.quote_values ? "True" : "False"};
    } else if (key == "to" && test.kind == TestKind::relationships) {
      test.to = value.scalar;
      named["to"] = {test.to};
    } else if (key == "field" && test.kind == TestKind::relationships) {
      test.field = value.scalar;
      named["field"] = {test.field};
    } else {
      MR_CHECK(read_config_key(key, value, at, test.config));
      static const std::vector<std::string> kKnown{"severity", "where", "tags", "enabled", "meta"};
      if (std::find(kKnown.begin(), kKnown.end(), key) == kKnown.end())
        return yaml::error_at(
            at, value, fmt::format("test {} has no argument \"{}\"", node.members.empty() ? "" : place.path, key));
    }
  }
  return ok();
}

Status require_arguments(const DataTest& test, const Node& node, const Place& place) {
  if (test.kind == TestKind::accepted_values && test.values.empty())
    return yaml::error_at(place, node, "accepted_values has no values", "add values: [a, b]");
  if (test.kind == TestKind::relationships && (test.to.empty() || test.field.empty()))
    return yaml::error_at(place, node, "relationships needs to and field", "add to: ref('customers') and field: id");
  return ok();
}

Status read_test(const Node& node, const Place& place, const std::string& column, const std::string& about,
                 const std::string& model, const std::string& prefix, Project& project) {
  const bool plain = node.kind == Node::Kind::scalar;
  if (!plain && (node.kind != Node::Kind::mapping || node.members.empty()))
    return yaml::error_at(place, node, "expected the name of a test");
  const std::string kind = plain ? node.scalar : node.members[0].key;
  const auto it = generic_tests().find(kind);
  if (it == generic_tests().end()) return unsupported_at(place, node, fmt::format("test {}", kind));
  if (column.empty()) return unsupported_at(place, node, fmt::format("test {} without a column", kind));
  DataTest test;
  test.kind = it->second;
  test.about = about;
  test.column = column;
  test.path = place.file;
  std::map<std::string, std::vector<std::string>> named{{"column_name", {column}}};
  if (!plain) {
    Node arguments = node.members[0].value;
    for (std::size_t i = 1; i < node.members.size(); ++i)
      arguments.members.push_back(node.members[i]);  // configs beside the test's key
    MR_CHECK(read_test_arguments(arguments, place.member(kind), test, named));
  }
  MR_CHECK(require_arguments(test, node, place));
  const TestName name = name_test(prefix + kind, model, named);
  if (test.name.empty()) test.name = name.name;
  test.unique_id = fmt::format("test.{}.{}.{}", project.name, test.name, name.suffix);
  project.tests.push_back(std::move(test));
  return ok();
}

Status read_test_list(const Node* tests, const Place& place, const std::string& column, const std::string& about,
                      const std::string& model, const std::string& prefix, Project& project) {
  for (std::size_t i = 0; tests != nullptr && i < tests->items.size(); ++i)
    MR_CHECK(read_test(tests->items[i], place.item(i), column, about, model, prefix, project));
  return ok();
}

Status read_source(const Node& node, const Place& place, Project& project) {
  MR_TRY(Fields f, Fields::of(node, place));
  for (const char* told : {"description", "meta", "tags", "loader", "config", "overrides", "quoting", "database"})
    f.ignore(told);
  for (const char* key : {"freshness", "loaded_at_field", "loaded_at_query"}) f.ignore(key);
  MR_TRY(const std::string name, f.text("name"));
  MR_TRY(const std::string schema, f.text("schema", name));
  MR_TRY(const Node* tables, f.sequence("tables"));
  MR_CHECK(f.done());
  for (std::size_t i = 0; tables != nullptr && i < tables->items.size(); ++i) {
    const Place at = place.member("tables").item(i);
    MR_TRY(Fields t, Fields::of(tables->items[i], at));
    for (const char* told : {"description", "meta", "tags", "config", "columns", "tests", "data_tests", "freshness",
                             "loaded_at_field", "loaded_at_query", "quoting", "external", "loader"})
      t.ignore(told);
    SourceTable table;
    table.source = name;
    MR_TRY(table.table, t.text("name"));
    MR_TRY(const std::string identifier, t.text("identifier", table.table));
    MR_CHECK(t.done());
    table.relation = {schema, identifier};
    table.unique_id = fmt::format("source.{}.{}.{}", project.name, name, table.table);
    MR_CHECK(read_tests(tables->items[i], at, table.unique_id, name + "_" + table.table, "source_", project));
    const std::string id = table.unique_id;
    if (!project.sources.emplace(id, std::move(table)).second)
      return yaml::error_at(at, tables->items[i], fmt::format("source {}.{} is declared twice", name, id));
  }
  return ok();
}

Status read_model(const Node& node, const Place& place, Project& project,
                  std::map<std::string, ModelProperties>& patched) {
  MR_TRY(Fields f, Fields::of(node, place));
  for (const char* told : {"meta", "docs", "columns", "tests", "data_tests", "tags", "access", "group",
                           "latest_version", "time_spine", "data_type", "schema"})
    f.ignore(told);
  for (const char* waiting : {"versions", "constraints", "unit_tests"})
    if (const Node* found = f.any(waiting)) return unsupported_at(place.member(waiting), *found, waiting);
  MR_TRY(const std::string name, f.text("name"));
  ModelProperties properties;
  MR_TRY(properties.description, f.text("description", ""));
  if (const Node* config = f.any("config")) {
    MR_TRY(properties.config, read_config(*config, place.member("config")));
  }
  MR_CHECK(f.done());
  properties.node = node;
  properties.place = place;
  properties.path = place.file;
  if (!patched.emplace(name, std::move(properties)).second)
    return yaml::error_at(place, node, fmt::format("model \"{}\" has properties in two places", name));
  (void)project;
  return ok();
}

}  // namespace

Status read_tests(const Node& node, const Place& place, const std::string& about, const std::string& model,
                  const std::string& prefix, Project& project) {
  for (const char* key : {"tests", "data_tests"})
    MR_CHECK(read_test_list(node.find(key), place.member(key), "", about, model, prefix, project));
  const Node* columns = node.find("columns");
  for (std::size_t i = 0; columns != nullptr && i < columns->items.size(); ++i) {
    const Place at = place.member("columns").item(i);
    MR_TRY(Fields f, Fields::of(columns->items[i], at));
    MR_TRY(const std::string name, f.text("name"));
    for (const char* key : {"tests", "data_tests"})
      MR_CHECK(read_test_list(columns->items[i].find(key), at.member(key), name, about, model, prefix, project));
  }
  return ok();
}

Status read_properties(const ProjectFile& file, Project& project, std::map<std::string, ModelProperties>& patched) {
  MR_TRY(const Node root, yaml::parse(file.text, file.path));
  if (root.kind == Node::Kind::null) return ok();
  MR_TRY(Fields f, Fields::of(root, {file.path, ""}));
  for (const char* told :
       {"version", "exposures", "metrics", "semantic_models", "saved_queries", "groups", "macros", "analyses"})
    f.ignore(told);
  for (const char* waiting : {"unit_tests", "snapshots", "seeds", "functions"})
    if (const Node* found = f.any(waiting)) return unsupported_at(f.place().member(waiting), *found, waiting);
  MR_TRY(const Node* sources, f.sequence("sources"));
  MR_TRY(const Node* models, f.sequence("models"));
  f.ignore("data_tests");
  MR_CHECK(f.done());
  for (std::size_t i = 0; sources != nullptr && i < sources->items.size(); ++i)
    MR_CHECK(read_source(sources->items[i], f.place().member("sources").item(i), project));
  for (std::size_t i = 0; models != nullptr && i < models->items.size(); ++i)
    MR_CHECK(read_model(models->items[i], f.place().member("models").item(i), project, patched));
  return ok();
}

}  // namespace millrace::transform
