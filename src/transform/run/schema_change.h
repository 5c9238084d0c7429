#pragma once
/// \file transform/run/schema_change.h
/// An incremental model whose SQL gives other columns than its table has: on_schema_change.
/// Source: contracts/dbt.md section 5 "Incremental".

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "transform/run/execution.h"

namespace millrace::transform {

enum class OnSchemaChange : std::uint8_t { ignore, fail, append_new_columns, sync_all_columns };
OnSchemaChange on_schema_change(std::string_view name);  ///< what is none of the four, is ignore, as dbt has it

using Columns = std::vector<std::pair<std::string, std::string>>;  ///< name and type

struct SchemaChange {
  Columns added;                     ///< in the SQL, not in the table
  std::vector<std::string> removed;  ///< in the table, not in the SQL
  Columns retyped;                   ///< in both, with the SQL's type
  [[nodiscard]] bool any() const { return !added.empty() || !removed.empty() || !retyped.empty(); }
};

/// Names are compared without regard to case; what is named is named as `table` has it where it is there.
SchemaChange compare_columns(const Columns& table, const Columns& sql);

/// Brings the node's table in line with `fresh` (ready SQL), as far as `what` says. Gives the columns to insert into.
/// Errors: invalid_input where `what` is fail and something has changed; the engine's.
Result<std::vector<std::string>> settle_columns(Execution& on, OnSchemaChange what, const std::string& fresh);

}  // namespace millrace::transform
