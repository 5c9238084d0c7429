#include "transform/config_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace millrace::transform {
namespace {

using yaml::Node;
using yaml::Place;

/// Configs that change what is built or when, and wait for a later version.
constexpr std::array<std::string_view, 26> kWaiting{"pre-hook",
                                                    "post-hook",
                                                    "pre_hook",
                                                    "post_hook",
                                                    "sql_header",
                                                    "unique_key",
                                                    "incremental_strategy",
                                                    "on_schema_change",
                                                    "incremental_predicates",
                                                    "full_refresh",
                                                    "contract",
                                                    "database",
                                                    "quoting",
                                                    "grants",
                                                    "persist_docs",
                                                    "partition_by",
                                                    "indexes",
                                                    "snapshot_meta_column_names",
                                                    "warn_if",
                                                    "error_if",
                                                    "fail_calc",
                                                    "store_failures",
                                                    "store_failures_as",
                                                    "limit",
                                                    "event_time",
                                                    "batch_size"};

Result<std::string> text_of(const Node& value, const Place& place) {
  if (value.kind != Node::Kind::scalar) return yaml::error_at(place, value, "expected a single value");
  if (value.scalar.find("{{") != std::string::npos) return unsupported_at(place, value, "Jinja in YAML");
  return value.scalar;
}

Result<Materialization> materialization_of(const Node& value, const Place& place) {
  MR_TRY(const std::string text, text_of(value, place));
  if (text == "view") return Materialization::view;
  if (text == "table") return Materialization::table;
  return unsupported_at(place, value, fmt::format("materialized: {}", text));
}

Result<bool> truth_of(const Node& value, const Place& place) {
  MR_TRY(const std::string text, text_of(value, place));
  for (std::string_view yes : {"true", "True", "yes", "on"})
    if (text == yes) return true;
  for (std::string_view no : {"false", "False", "no", "off"})
    if (text == no) return false;
  return yaml::error_at(place, value, fmt::format("found \"{}\", expected true or false", text));
}

Status add_tags(const Node& value, const Place& place, Config& config) {
  if (value.kind != Node::Kind::sequence) {
    MR_TRY(std::string tag, text_of(value, place));
    config.tags.push_back(std::move(tag));
    return ok();
  }
  for (const Node& item : value.items) {
    MR_TRY(std::string tag, text_of(item, place));
    config.tags.push_back(std::move(tag));
  }
  return ok();
}

/// dbt's rule: a key with '+' is a config; one without is a config only if its value is no mapping.
bool is_config(const std::string& key, const Node& value) {
  return key.starts_with('+') || value.kind != Node::Kind::mapping;
}

std::string_view bare(std::string_view key) { return key.starts_with('+') ? key.substr(1) : key; }

}  // namespace

Error unsupported_at(const Place& place, const Node& node, std::string_view what) {
  Error e = yaml::error_at(place, node, fmt::format("{} comes with a later version of millrace", what),
                           "this version builds views and tables");
  e.kind = ErrorKind::unsupported;
  return e;
}

Status read_config_key(std::string_view key, const Node& value, const Place& place, Config& config) {
  if (value.kind == Node::Kind::null) return ok();
  if (std::find(kWaiting.begin(), kWaiting.end(), key) != kWaiting.end())
    return unsupported_at(place, value, fmt::format("config {}", key));
  if (key == "materialized") {
    MR_TRY(config.materialized, materialization_of(value, place));
  } else if (key == "schema") {
    MR_TRY(config.schema, text_of(value, place));
  } else if (key == "alias") {
    MR_TRY(config.alias, text_of(value, place));
  } else if (key == "enabled") {
    MR_TRY(config.enabled, truth_of(value, place));
  } else if (key == "severity") {
    MR_TRY(std::string severity, text_of(value, place));
    for (char& c : severity) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (severity != "warn" && severity != "error")
      return yaml::error_at(place, value, fmt::format("found \"{}\", expected warn or error", severity));
    config.severity = severity;
  } else if (key == "where") {
    MR_TRY(config.where, text_of(value, place));
  } else if (key == "tags") {
    MR_CHECK(add_tags(value, place, config));
  }
  return ok();
}

Result<Config> read_config(const Node& node, const Place& place) {
  Config config;
  if (node.kind != Node::Kind::mapping) return yaml::error_at(place, node, "expected a mapping of configs");
  for (const auto& [key, value] : node.members) MR_CHECK(read_config_key(bare(key), value, place.member(key), config));
  return config;
}

Result<Config> config_for(const Node& tree, const Place& place, const std::vector<std::string>& fqn) {
  Config config;
  const Node* at = &tree;
  Place here = place;
  for (std::size_t depth = 0;; ++depth) {
    for (const auto& [key, value] : at->members)
      if (is_config(key, value)) MR_CHECK(read_config_key(bare(key), value, here.member(key), config));
    if (depth == fqn.size()) return config;
    const Node* next = at->find(fqn[depth]);
    if (next == nullptr || next->kind != Node::Kind::mapping) return config;
    at = next;
    here = here.member(fqn[depth]);
  }
}

Status check_config_tree(const Node& tree, const Place& place) {
  Config ignored;
  for (const auto& [key, value] : tree.members) {
    if (is_config(key, value))
      MR_CHECK(read_config_key(bare(key), value, place.member(key), ignored));
    else
      MR_CHECK(check_config_tree(value, place.member(key)));
  }
  return ok();
}

}  // namespace millrace::transform
