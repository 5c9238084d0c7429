#pragma once
/// \file transform/run/incremental.h
/// New rows into an incremental model's table: append, delete+insert or merge.
/// Source: contracts/dbt.md section 5 "Incremental".

#include <string>
#include <string_view>
#include <vector>

#include "transform/run/materialize.h"
#include "transform/run/schema_change.h"

namespace millrace::transform {

enum class Strategy : std::uint8_t { append, delete_insert, merge };

/// What a model's config says about it.
struct IncrementalPlan {
  Strategy strategy = Strategy::delete_insert;
  std::vector<std::string> keys;                        ///< unique_key, as SQL; none: nothing is replaced
  std::vector<std::string> predicates;                  ///< incremental_predicates
  std::vector<std::string> update_only, update_except;  ///< merge_update_columns, merge_exclude_columns
  OnSchemaChange on_schema_change = OnSchemaChange::ignore;
};

/// Errors: invalid_input for a strategy that there is not; unsupported for microbatch and its like.
Result<IncrementalPlan> incremental_plan(const Node& model);

/// The statements that bring the rows of `from` into `target`; both are ready SQL. `columns`: their names, unquoted.
std::vector<std::string> incremental_sql(const IncrementalPlan& plan, const warehouse::Dialect& dialect,
                                         const std::string& target, const std::string& from,
                                         const std::vector<std::string>& columns);

/// Requires: the relation is a table. Errors: the engine's; invalid_input where on_schema_change: fail finds a change.
Result<Built> add_to_incremental(Execution& on);

}  // namespace millrace::transform
