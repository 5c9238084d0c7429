#pragma once
/// \file transform/node.h
/// What a dbt project consists of, once its files are read.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "warehouse/session.h"

namespace millrace::transform {

enum class Materialization : std::uint8_t { view, table };
std::string_view name_of(Materialization materialization);

/// The configs that this version acts on; each one unset until some level sets it.
/// Source: docs.getdbt.com/reference/model-configs
struct Config {
  std::optional<Materialization> materialized;
  std::optional<std::string> schema, alias, severity, where;
  std::optional<bool> enabled;
  std::vector<std::string> tags;  ///< levels add up

  /// `later` wins where it says something.
  void merge(const Config& later);
};

struct Model {
  std::string name, unique_id;  ///< "model.orders.v_orders"
  std::string path;             ///< relative to the project folder
  std::vector<std::string> fqn;
  std::string raw_sql;  ///< without blanks at both ends
  std::string description;
  Config config;
  warehouse::RelationName relation;
  std::vector<std::string> depends_on;  ///< unique ids of models and sources, in order of appearance
  std::string compiled_sql;             ///< set by compile()
};

struct SourceTable {
  std::string source, table, unique_id;  ///< "source.orders.raw.orders"
  warehouse::RelationName relation;
};

enum class TestKind : std::uint8_t { not_null, unique, accepted_values, relationships, singular };

struct DataTest {
  TestKind kind = TestKind::singular;
  std::string name, unique_id;  ///< named as dbt names it
  std::string path;
  std::string about;                ///< unique id of the node it tests; "" for a singular test
  std::string column;               ///< generic tests
  std::vector<std::string> values;  ///< accepted_values
  bool quote_values = true;
  std::string to, field;  ///< relationships: text of a ref() or source(), and a column
  std::string raw_sql;    ///< singular
  Config config;
  std::vector<std::string> depends_on;
  std::string compiled_sql;  ///< the query whose rows are the failures; set by compile()

  [[nodiscard]] bool warns_only() const { return config.severity == "warn"; }
};

}  // namespace millrace::transform
