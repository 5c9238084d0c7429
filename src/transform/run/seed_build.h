#pragma once
/// \file transform/run/seed_build.h
/// A CSV file of the project as a table.
/// Source: contracts/dbt.md section 5 "Seeds".

#include "transform/run/materialize.h"

namespace millrace::transform {

/// A table that is there is emptied and filled again, with `full_refresh` made anew. `strict`: dbt's types, without
/// our bigint. Errors: invalid_input at file:line; those of reading and of the engine.
Result<Built> build_seed(Execution& on, bool full_refresh, bool strict);

}  // namespace millrace::transform
