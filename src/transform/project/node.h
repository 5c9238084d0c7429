#pragma once
/// \file transform/project/node.h
/// What a dbt project consists of, once its files are read.
/// Source: contracts/dbt.md; the shape follows dbt's manifest v12, so that artifacts are a plain walk.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jinja/value.h"
#include "transform/project/config.h"
#include "transform/project/relation.h"

namespace millrace::transform {

/// Of things that SQL is run for, or that models read from.
enum class ResourceType : std::uint8_t { model, seed, snapshot, analysis, test, source };
std::string_view name_of(ResourceType type);  ///< "model", as in unique ids and resource_type:

using NodeId = std::uint32_t;  ///< index into Project::nodes
inline constexpr NodeId kNoNode = ~NodeId{0};

/// Where something was declared: file relative to its package's folder, and the place in it (1-based; 0: unknown).
struct Declared {
  std::string path;
  int line = 0, column = 0;
  [[nodiscard]] std::string where() const;  ///< "models/schema.yml:12:7"
};

struct Column {
  std::string name, description, data_type;
  jinja::Value meta = jinja::Value::dict();
  std::vector<std::string> tags;
  std::optional<bool> quote;
  jinja::Value constraints = jinja::Value::list();  ///< as written
};

struct RefCall {
  std::string package;  ///< "" where it was not said
  std::string name;
  std::string version;  ///< "" where it was not said
  bool operator==(const RefCall&) const = default;
};

struct SourceCall {
  std::string source, table;
  bool operator==(const SourceCall&) const = default;
};

/// A generic test as declared under a model, column, source or seed.
struct GenericTest {
  std::string name;                            ///< "unique", "accepted_range": without its package
  std::string name_space;                      ///< "dbt_utils"; "" for the project's own and the built-in ones
  jinja::Value kwargs = jinja::Value::dict();  ///< as written (strings with Jinja unrendered); column_name among them
  std::string column;                          ///< "" for a test of the whole node
  NodeId about = kNoNode;                      ///< the tested node
};

/// Only for sources.
struct SourceFacts {
  std::string source_name, source_description, loader;
  jinja::Value source_meta = jinja::Value::dict();
  jinja::Value freshness;  ///< as written; none where absent
  std::string loaded_at_field;
  std::string external_location;  ///< from meta or config: read this instead of a table; {name} is filled in
};

/// A model, seed, snapshot, analysis, data test or source table.
struct Node {
  ResourceType type = ResourceType::model;
  std::string unique_id;  ///< "model.shop.orders", "test.shop.unique_orders_id.fed79b3a6e", "source.shop.raw.orders"
  std::string name, package;
  std::string path;           ///< relative to the model path: "gold/orders.sql"
  std::string original_path;  ///< relative to the package's folder: "models/gold/orders.sql"
  std::string absolute_path;  ///< the file itself
  std::vector<std::string> fqn;
  Declared declared;     ///< the file, or its place in a properties file
  std::string raw_code;  ///< stripped at both ends; "" for seeds and sources
  int first_line = 1;    ///< of raw_code in its file
  std::string checksum;  ///< sha256 of the stripped file
  std::string description;
  std::string patch_path;  ///< "shop://models/schema.yml"; "" without properties
  Declared patched;
  std::vector<Column> columns;

  Config declared_config;    ///< dbt_project.yml of its own package, then properties
  Config overriding_config;  ///< the root's dbt_project.yml on a package's node: wins over the file's own config()
  Config in_file_config;     ///< calls of config(), learnt by the first pass
  Config config;             ///< all of them merged; final after the first pass
  std::string alias;         ///< final after the first pass
  Relation relation;         ///< "" in all parts where the node makes none (ephemeral models, tests that store nothing)

  std::vector<RefCall> refs;        ///< in order of first appearance, by the first pass
  std::vector<SourceCall> sources;  ///< alike
  std::vector<std::string> macros;  ///< unique ids of the macros that were called
  std::vector<NodeId> depends_on;   ///< refs and sources resolved, in that order, each once

  std::optional<GenericTest> generic;   ///< tests only; absent: a singular one
  std::shared_ptr<SourceFacts> source;  ///< sources only
  bool disabled = false;                ///< by config; is in the artifacts, and nothing may ref it

  bool compiled = false;
  std::string compiled_code;     ///< by the second pass, with ephemeral parents injected
  std::vector<NodeId> injected;  ///< ephemeral models whose CTE stands in compiled_code, innermost first

  [[nodiscard]] bool is_model() const { return type == ResourceType::model; }
  [[nodiscard]] bool is_test() const { return type == ResourceType::test; }
  /// "view", "table", "incremental", "ephemeral", "seed", "test", …: dbt's default where no level says.
  [[nodiscard]] std::string materialized() const;
  [[nodiscard]] bool is_ephemeral() const { return is_model() && materialized() == "ephemeral"; }
  /// May be named by ref().
  [[nodiscard]] bool is_refable() const {
    return type == ResourceType::model || type == ResourceType::seed || type == ResourceType::snapshot;
  }
};

/// Exposures, metrics, semantic models, saved queries, groups, unit tests: read, carried through, never fatal.
struct Carried {
  std::string kind;       ///< "exposure", "metric", "semantic_model", "saved_query", "group", "unit_test"
  std::string unique_id;  ///< "exposure.shop.dashboard"
  std::string name, package, original_path;
  jinja::Value fields;  ///< the YAML as it stands
  std::vector<RefCall> refs;
  std::vector<SourceCall> sources;
};

}  // namespace millrace::transform
