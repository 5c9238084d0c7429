#pragma once
/// \file transform/run/materialize.h
/// Builds a model's relation from its compiled SQL, inside the transaction that is open: view, table, incremental.
/// Source: contracts/dbt.md section 5 "View/table build" and "Incremental".

#include "transform/run/execution.h"

namespace millrace::transform {

struct Built {
  std::int64_t rows = -1;      ///< made or added
  std::string message = "OK";  ///< as dbt's adapter says it: "OK", "INSERT 3"
};

/// What would come out otherwise than the project says, is refused before anything runs. Errors: unsupported, with what
/// it is and what to do; invalid_input for a strategy that there is not.
Status check_supported(const Node& model);

/// `full_refresh`: an incremental model is built anew. Errors: as check_supported(); the engine's.
Result<Built> build_model(Execution& on, bool full_refresh);

/// Replaces whatever stands there by a table with the compiled SQL's rows.
Result<Built> build_table(Execution& on);

}  // namespace millrace::transform
