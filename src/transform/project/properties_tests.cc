// tests: and data_tests: of a properties file.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/sha256.h"
#include "base/words.h"
#include "transform/project/properties_parts.h"
#include "transform/project/test_name.h"
#include "transform/project/yaml_value.h"

namespace millrace::transform {
namespace {

using jinja::Kind;
using jinja::Value;
using YamlNode = yaml::Node;
using yaml::Place;

/// What stands beside a test's arguments and is no argument.
constexpr std::array<std::string_view, 14> kConfigs{
    "severity",  "tags",           "enabled",           "where", "limit",    "warn_if", "error_if",
    "fail_calc", "store_failures", "store_failures_as", "meta",  "database", "schema",  "alias"};

bool is_config(std::string_view key) { return std::find(kConfigs.begin(), kConfigs.end(), key) != kConfigs.end(); }

/// One entry of a list of tests.
struct Entry {
  std::string name;                 ///< as written: "unique", "dbt_utils.accepted_range"
  const YamlNode* body = nullptr;   ///< arguments and configs; null for a plain name
  const YamlNode* outer = nullptr;  ///< the mapping around it, whose other keys are read like the body's; may be null
};

Result<Entry> read_entry(const YamlNode& item, const Place& place) {
  if (item.is_text()) return Entry{item.scalar, nullptr, nullptr};
  if (item.kind != YamlNode::Kind::mapping || item.members.empty())
    return yaml::error_at(place, item, "expected the name of a test, or a mapping of its name to arguments",
                          "write - unique, or - accepted_values: {values: [a, b]}");
  if (const YamlNode* name = item.find("test_name"); name != nullptr && name->is_text())
    return Entry{name->scalar, &item, nullptr};
  const auto& [name, body] = item.members.front();
  if (body.kind == YamlNode::Kind::null) return Entry{name, nullptr, item.members.size() > 1 ? &item : nullptr};
  if (body.kind != YamlNode::Kind::mapping)
    return yaml::error_at(place.member(name), body, fmt::format("the arguments of {} are no mapping", name),
                          fmt::format("write - {}: {{argument: value}}; look at the indentation", name));
  return Entry{name, &body, item.members.size() > 1 ? &item : nullptr};
}

struct Parts {
  Value kwargs = Value::dict();
  Config config;
  std::string name, description;  ///< where the user has said them
};

Status read_member(const PropertiesWork& work, std::string_view key, const YamlNode& value, const Place& place,
                   Parts& out) {
  if (key == "config") {
    if (value.kind == YamlNode::Kind::null) return ok();
    if (value.kind != YamlNode::Kind::mapping) return yaml::error_at(place, value, "expected a mapping of configs");
    for (const auto& [k, v] : value.members) {
      MR_TRY(const Value rendered, rendered_value(v, place.member(k), work.scope));
      out.config.add(k, rendered);
    }
    return ok();
  }
  if (key == "arguments") {
    if (value.kind == YamlNode::Kind::null) return ok();
    if (value.kind != YamlNode::Kind::mapping) return yaml::error_at(place, value, "expected a mapping of arguments");
    for (const auto& [k, v] : value.members) out.kwargs.dict_entries().set(k, yaml_value(v));
    return ok();
  }
  if (key == "name" && value.is_text()) {
    out.name = value.scalar;
    return ok();
  }
  if (key == "description" && value.is_text()) {
    out.description = value.scalar;
    return ok();
  }
  if (key == "test_name") return ok();
  if (is_config(key)) {
    MR_TRY(const Value rendered, rendered_value(value, place, work.scope));
    out.config.add(key, rendered);
    return ok();
  }
  out.kwargs.dict_entries().set(key, yaml_value(value));
  return ok();
}

Result<Parts> read_parts(const PropertiesWork& work, const Entry& entry, const Place& place) {
  Parts out;
  if (entry.body != nullptr)
    for (const auto& [key, value] : entry.body->members)
      MR_CHECK(read_member(work, key, value, place.member(key), out));
  if (entry.outer != nullptr)
    for (const auto& [key, value] : entry.outer->members)
      if (key != entry.name) MR_CHECK(read_member(work, key, value, place.member(key), out));
  return out;
}

/// As dbt writes it, because the hash in the unique id is made of it.
std::string model_text(const Node& about) {
  return about.source
             ? fmt::format("{{{{ get_where_subquery(source('{}', '{}')) }}}}", about.source->source_name, about.name)
             : fmt::format("{{{{ get_where_subquery(ref('{}')) }}}}", about.name);
}

std::vector<std::string> fqn_of(const PropertiesWork& work, const std::string& name) {
  std::vector<std::string> out{work.package.name};
  std::string_view path = work.path;
  for (auto slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/')) {
    if (path.size() != work.path.size()) out.emplace_back(path.substr(0, slash));  // without the model path itself
    path.remove_prefix(slash + 1);
  }
  out.push_back(name);
  return out;
}

Status check_known(const Entry& entry, const Parts& parts, const YamlNode& item, const Place& place) {
  const auto needs = [&](std::string_view argument) -> Status {
    if (parts.kwargs.dict_entries().find(argument) != nullptr) return ok();
    return yaml::error_at(place, item, fmt::format("{} needs {}:", entry.name, argument),
                          entry.name == "relationships" ? "write - relationships: {to: ref('model'), field: id}"
                                                        : "write - accepted_values: {values: [a, b]}");
  };
  if (entry.name == "accepted_values") return needs("values");
  if (entry.name == "relationships") {
    MR_CHECK(needs("to"));
    return needs("field");
  }
  return ok();
}

Status add_test(const PropertiesWork& work, const YamlNode& item, const Place& place, NodeId about_id,
                const std::string& column) {
  MR_TRY(const Entry entry, read_entry(item, place));
  MR_TRY(Parts parts, read_parts(work, entry, place));
  if (!column.empty()) parts.kwargs.dict_entries().set("column_name", Value(column));
  MR_CHECK(check_known(entry, parts, item, place));
  const Node& about = work.project.nodes[about_id];
  GenericTest generic;
  const auto dot = entry.name.find('.');
  generic.name = dot == std::string::npos ? entry.name : entry.name.substr(dot + 1);
  generic.name_space = dot == std::string::npos ? "" : entry.name.substr(0, dot);
  generic.column = column;
  generic.about = about_id;
  const std::string plain = generic.name_space.empty() ? generic.name : generic.name_space + "_" + generic.name;
  parts.kwargs.dict_entries().set("model", Value(model_text(about)));
  const std::string about_name = about.source ? about.source->source_name + "_" + about.name : about.name;
  MR_TRY(TestName name, name_test(about.source ? "source_" + plain : plain, about_name, generic.name_space,
                                  generic.name, parts.kwargs));
  if (!parts.name.empty()) {
    name.full = name.alias = parts.name;
    MR_TRY(name.suffix, test_suffix(name.full, generic.name_space, generic.name, parts.kwargs));
  }
  Node n;
  n.type = ResourceType::test;
  n.name = name.full;
  n.alias = name.alias;
  n.package = work.package.name;
  n.unique_id = fmt::format("test.{}.{}.{}", n.package, n.name, name.suffix);
  n.path = name.alias + ".sql";
  n.original_path = work.path;
  n.absolute_path = work.package.folder + "/" + work.path;
  n.declared = {place.file, item.line, item.column};
  n.fqn = fqn_of(work, n.name);
  n.description = parts.description;
  // dbt's text of the node: the call of the macro that makes its query.
  n.raw_code = fmt::format("{{{{ {}test_{}(**_dbt_generic_test_kwargs) }}}}",
                           generic.name_space.empty() ? "" : generic.name_space + ".", generic.name);
  n.checksum = sha256_hex("");
  generic.kwargs = std::move(parts.kwargs);
  n.generic = std::move(generic);
  add_tree(work.package.settings, "tests", n.fqn, n.declared_config);
  n.declared_config.merge(parts.config);
  if (!work.package.is_root) add_tree(work.project.root().settings, "tests", n.fqn, n.overriding_config);
  MR_CHECK(check_config(n.declared_config, n.declared.where()));
  auto added = add_node(work.project, std::move(n));
  return added ? ok() : Status(std::move(added).error());
}

Status add_list(const PropertiesWork& work, const YamlNode& node, const Place& place, NodeId about,
                const std::string& column) {
  for (const std::string_view key : {"tests", "data_tests"}) {
    const YamlNode* list = node.find(key);
    if (list == nullptr || list->kind == YamlNode::Kind::null) continue;
    if (list->kind != YamlNode::Kind::sequence)
      return yaml::error_at(place.member(key), *list, "expected a list of tests",
                            fmt::format("write {}: [unique]", key));
    for (std::size_t i = 0; i < list->items.size(); ++i)
      MR_CHECK(add_test(work, list->items[i], place.member(key).item(i), about, column));
  }
  return ok();
}

}  // namespace

Status add_tests(const PropertiesWork& work, const YamlNode& node, const Place& place, NodeId about) {
  MR_CHECK(add_list(work, node, place, about, ""));
  const YamlNode* columns = node.find("columns");
  if (columns == nullptr || columns->kind != YamlNode::Kind::sequence) return ok();
  for (std::size_t i = 0; i < columns->items.size(); ++i) {
    const YamlNode& c = columns->items[i];
    const YamlNode* name = c.find("name");
    if (name == nullptr) continue;  // columns_of() has refused it
    const YamlNode* quote = c.find("quote");
    const Value quoted = quote == nullptr ? Value() : scalar_value(*quote);
    const bool is_quoted = quoted.is(Kind::boolean) && quoted.boolean();
    MR_CHECK(add_list(work, c, place.member("columns").item(i), about,
                      is_quoted ? work.target.dialect->quote(name->scalar) : name->scalar));
  }
  return ok();
}

}  // namespace millrace::transform
