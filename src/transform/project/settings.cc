#include "transform/project/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/words.h"
#include "base/yaml.h"
#include "jinja/print.h"
#include "transform/project/yaml_value.h"

namespace millrace::transform {
namespace {

using jinja::Kind;
using jinja::Value;
using YamlNode = yaml::Node;
using yaml::Place;

constexpr std::array<std::string_view, 48> kKnown{"name",
                                                  "version",
                                                  "config-version",
                                                  "profile",
                                                  "model-paths",
                                                  "source-paths",
                                                  "seed-paths",
                                                  "data-paths",
                                                  "test-paths",
                                                  "macro-paths",
                                                  "analysis-paths",
                                                  "snapshot-paths",
                                                  "docs-paths",
                                                  "asset-paths",
                                                  "target-path",
                                                  "log-path",
                                                  "packages-install-path",
                                                  "modules-path",
                                                  "clean-targets",
                                                  "models",
                                                  "seeds",
                                                  "snapshots",
                                                  "sources",
                                                  "tests",
                                                  "data_tests",
                                                  "unit_tests",
                                                  "exposures",
                                                  "metrics",
                                                  "semantic-models",
                                                  "saved-queries",
                                                  "vars",
                                                  "dispatch",
                                                  "on-run-start",
                                                  "on-run-end",
                                                  "quoting",
                                                  "query-comment",
                                                  "flags",
                                                  "require-dbt-version",
                                                  "packages",
                                                  "selectors",
                                                  "restrict-access",
                                                  "dbt-cloud",
                                                  "functions",
                                                  "function-paths",
                                                  "analyses",
                                                  "groups",
                                                  "catalogs",
                                                  "model_paths"};

Result<std::vector<std::string>> paths(const YamlNode& root, const Place& place, std::string_view key,
                                       std::string_view old, std::vector<std::string> otherwise) {
  const YamlNode* node = root.find(key);
  if (node == nullptr && !old.empty()) node = root.find(old);
  if (node == nullptr || node->kind == YamlNode::Kind::null) return otherwise;
  std::vector<std::string> out;
  if (node->kind == YamlNode::Kind::scalar) {
    out.push_back(node->scalar);
  } else if (node->kind == YamlNode::Kind::sequence) {
    for (const YamlNode& item : node->items) {
      if (!item.is_text()) return yaml::error_at(place.member(key), item, "expected the name of a folder");
      out.push_back(item.scalar);
    }
  } else {
    return yaml::error_at(place.member(key), *node, "found a mapping, expected a list of folders",
                          fmt::format("write {}: [folder]", key));
  }
  for (std::string& p : out)
    while (p.size() > 1 && p.ends_with('/')) p.pop_back();
  return out;
}

Result<std::string> text(const YamlNode& root, const Place& place, std::string_view key, std::string_view otherwise) {
  const YamlNode* node = root.find(key);
  if (node == nullptr || node->kind == YamlNode::Kind::null) return std::string(otherwise);
  if (!node->is_text()) return yaml::error_at(place.member(key), *node, "expected text");
  return node->scalar;
}

Status read_dispatch(const YamlNode& root, const Place& place, Settings& out) {
  const YamlNode* node = root.find("dispatch");
  if (node == nullptr || node->kind == YamlNode::Kind::null) return ok();
  if (node->kind != YamlNode::Kind::sequence)
    return yaml::error_at(place.member("dispatch"), *node, "expected a list of {macro_namespace, search_order}");
  for (std::size_t i = 0; i < node->items.size(); ++i) {
    const Place at = place.member("dispatch").item(i);
    MR_TRY(yaml::Fields f, yaml::Fields::of(node->items[i], at));
    MR_TRY(const std::string name, f.text("macro_namespace"));
    MR_TRY(out.dispatch[name], f.texts("search_order"));
  }
  return ok();
}

Result<std::vector<std::string>> hooks(const YamlNode& root, const Place& place, std::string_view key) {
  std::vector<std::string> out;
  const YamlNode* node = root.find(key);
  if (node == nullptr || node->kind == YamlNode::Kind::null) return out;
  if (node->is_text()) return std::vector<std::string>{node->scalar};
  if (node->kind != YamlNode::Kind::sequence)
    return yaml::error_at(place.member(key), *node, "expected a list of SQL texts");
  for (const YamlNode& item : node->items) {
    if (!item.is_text()) return yaml::error_at(place.member(key), item, "expected SQL text");
    out.push_back(item.scalar);
  }
  return out;
}

void warn_of_unknown(const YamlNode& root, const std::string& shown, std::vector<Warning>& warnings) {
  static const std::vector<std::string> known(kKnown.begin(), kKnown.end());
  for (const auto& [key, value] : root.members) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    const std::string near = nearest(key, known);
    warnings.push_back({fmt::format("{}:{}:{}", shown, value.key_line, value.key_column),
                        fmt::format("key \"{}\" is not one of dbt_project.yml's", key),
                        near.empty() ? "" : fmt::format("did you mean {}?", near)});
  }
}

struct Version {
  std::array<int, 3> parts{};
  auto operator<=>(const Version&) const = default;
};

std::optional<Version> version_of(std::string_view text) {
  Version v;
  std::size_t part = 0;
  while (part < 3) {
    int n = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (ec != std::errc{}) return std::nullopt;
    v.parts[part++] = n;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (text.empty()) return v;
    if (text.front() != '.') break;  // "1.5.0-rc1", "1.5.0rc1": the release
    text.remove_prefix(1);
  }
  return part == 3 ? std::optional(v) : std::nullopt;
}

}  // namespace

Result<bool> fulfils(std::string_view version, const std::vector<std::string>& conditions) {
  const auto have = version_of(version);
  for (const std::string& list : conditions) {
    std::string_view rest = list;
    while (!rest.empty()) {
      const auto comma = std::min(rest.find(','), rest.size());
      std::string_view one = trimmed(rest.substr(0, comma));
      rest.remove_prefix(std::min(comma + 1, rest.size()));
      if (one.empty()) continue;
      std::string_view op = "=";
      for (const std::string_view o : {">=", "<=", "==", ">", "<", "="})
        if (one.starts_with(o)) {
          op = o;
          one = trimmed(one.substr(o.size()));
          break;
        }
      const auto want = version_of(one);
      if (!have || !want)
        return Error{ErrorKind::invalid_input,
                     fmt::format("found the version condition \"{}\", expected one such as >=1.0.0", list),
                     {},
                     {}};
      const bool good = op == ">="   ? *have >= *want
                        : op == "<=" ? *have <= *want
                        : op == ">"  ? *have > *want
                        : op == "<"  ? *have < *want
                                     : *have == *want;
      if (!good) return false;
    }
  }
  return true;
}

namespace {

Status check_version(const YamlNode& root, const Place& place, Settings& out) {
  MR_TRY(const std::vector<std::string> conditions, paths(root, place, "require-dbt-version", "", {}));
  if (conditions.empty()) return ok();
  out.require_dbt_version = join(conditions, ",");
  auto good = fulfils(kDbtVersion, conditions);
  const YamlNode& node = *root.find("require-dbt-version");
  if (!good) return yaml::error_at(place.member("require-dbt-version"), node, good.error().message);
  if (*good) return ok();
  return yaml::error_at(place.member("require-dbt-version"), node,
                        fmt::format("the project wants dbt {}, millrace runs projects as dbt {} does",
                                    out.require_dbt_version, kDbtVersion),
                        "widen require-dbt-version if the project runs with it");
}

/// Sections with config trees. "data_tests" is the newer name of "tests"; both may be there.
Status read_trees(const YamlNode& root, const Place& place, const jinja::Scope& scope, Settings& out) {
  for (const std::string_view section :
       {"models", "seeds", "snapshots", "sources", "tests", "data_tests", "exposures"}) {
    const YamlNode* node = root.find(section);
    if (node == nullptr || node->kind == YamlNode::Kind::null) continue;
    const Place at = place.member(section);
    if (node->kind != YamlNode::Kind::mapping)
      return yaml::error_at(at, *node, "expected a mapping: the project's name, folders, and configs with +");
    MR_TRY(Value tree, rendered_value(*node, at, scope));
    const std::string key = section == "data_tests" ? "tests" : std::string(section);
    if (const auto it = out.trees.find(key); it != out.trees.end()) {
      for (const auto& e : tree.dict_entries().entries()) it->second.dict_entries().set(e.key.text(), e.value);
    } else {
      out.trees.emplace(key, std::move(tree));
    }
  }
  return ok();
}

Status read_paths(const YamlNode& root, const Place& place, Settings& out) {
  MR_TRY(out.model_paths, paths(root, place, "model-paths", "source-paths", {"models"}));
  MR_TRY(out.seed_paths, paths(root, place, "seed-paths", "data-paths", {"seeds"}));
  MR_TRY(out.test_paths, paths(root, place, "test-paths", "", {"tests"}));
  MR_TRY(out.macro_paths, paths(root, place, "macro-paths", "", {"macros"}));
  MR_TRY(out.analysis_paths, paths(root, place, "analysis-paths", "", {"analyses"}));
  MR_TRY(out.snapshot_paths, paths(root, place, "snapshot-paths", "", {"snapshots"}));
  MR_TRY(out.docs_paths, paths(root, place, "docs-paths", "", {}));
  MR_TRY(out.asset_paths, paths(root, place, "asset-paths", "", {}));
  MR_TRY(out.clean_targets, paths(root, place, "clean-targets", "", {}));
  MR_TRY(out.target_path, text(root, place, "target-path", "target"));
  const std::string_view packages =
      root.find("packages-install-path") != nullptr ? "packages-install-path" : "modules-path";
  MR_TRY(out.packages_path, text(root, place, packages, "dbt_packages"));
  return ok();
}

}  // namespace

Result<Settings> read_settings(std::string_view file_text, const std::string& shown, const jinja::Scope& scope,
                               std::vector<Warning>& warnings) {
  MR_TRY(const YamlNode root, yaml::parse(file_text, shown, {true}));
  const Place place{shown, ""};
  if (root.kind != YamlNode::Kind::mapping)
    return Error{ErrorKind::invalid_input,
                 fmt::format("{}: expected a mapping with at least name:", shown),
                 "an ordinary dbt_project.yml begins with name: my_project",
                 {}};
  Settings out;
  MR_TRY(out.name, text(root, place, "name", ""));
  if (out.name.empty()) return yaml::error_at(place, root, "key \"name\" is missing", "add name: my_project");
  const bool good_name =
      !(out.name[0] >= '0' && out.name[0] <= '9') &&
      std::all_of(out.name.begin(), out.name.end(), [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
  if (!good_name)
    return yaml::error_at(place.member("name"), *root.find("name"),
                          fmt::format("found \"{}\", expected letters, digits and underscores", out.name));
  MR_TRY(out.version, text(root, place, "version", ""));
  MR_TRY(out.profile, text(root, place, "profile", ""));
  MR_CHECK(check_version(root, place, out));
  MR_CHECK(read_paths(root, place, out));
  if (const YamlNode* vars = root.find("vars"); vars != nullptr && vars->kind != YamlNode::Kind::null) {
    if (vars->kind != YamlNode::Kind::mapping) return yaml::error_at(place.member("vars"), *vars, "expected a mapping");
    out.vars = yaml_value(*vars);
  }
  MR_CHECK(read_trees(root, place, scope, out));
  MR_CHECK(read_dispatch(root, place, out));
  MR_TRY(out.on_run_start, hooks(root, place, "on-run-start"));
  MR_TRY(out.on_run_end, hooks(root, place, "on-run-end"));
  if (const YamlNode* q = root.find("quoting"); q != nullptr && q->kind == YamlNode::Kind::mapping)
    for (const auto& [key, value] : q->members)
      if (const Value v = scalar_value(value); v.is(Kind::boolean)) out.quoting[key] = v.boolean();
  if (const YamlNode* flags = root.find("flags"); flags != nullptr) out.flags = yaml_value(*flags);
  warn_of_unknown(root, shown, warnings);
  return out;
}

}  // namespace millrace::transform
