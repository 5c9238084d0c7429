#pragma once
/// \file transform/graph/lineage.h
/// Where a model, and each of its columns, comes from. Tables by the graph, columns by the engine's own parse of the
/// SQL (DuckDB: json_serialize_sql). What cannot be told is said, never guessed.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "transform/graph/graph.h"
#include "warehouse/session.h"

namespace millrace::transform {

/// One input column: of a relation as the SQL names it.
struct ColumnOrigin {
  std::string relation;  ///< "silver.orders"; lower case, without the database
  std::string column;    ///< lower case
  auto operator<=>(const ColumnOrigin&) const = default;
};

struct ColumnLineage {
  std::string column;
  std::vector<ColumnOrigin> from;  ///< sorted, each once; empty for a constant
  std::string unknown;             ///< why it cannot be told; "" where `from` is all
};

/// Columns of a relation by its text ("silver.orders"): what `select *` needs. Absent: not known.
using ColumnsOf = std::map<std::string, std::vector<std::string>, std::less<>>;

/// Of the output columns of one query. `statement`: json_serialize_sql's document of it.
/// Errors: invalid_input where the document is no SELECT.
Result<std::vector<ColumnLineage>> lineage_of_statement(std::string_view statement, const ColumnsOf& known);

/// Of one compiled model, asking the engine to parse it. Errors: the engine's.
Result<std::vector<ColumnLineage>> column_lineage(const Project& project, NodeId model, warehouse::Session& session);

/// The dataset facets "columnLineage" and "schema" of OpenLineage, as one JSON object.
std::string openlineage_facets(const Project& project, NodeId model, const std::vector<ColumnLineage>& columns);

}  // namespace millrace::transform
