#pragma once
/// \file transform/run/test_execution.h
/// Runs a data test: counts its failing rows, shows a few, stores them where its config says so.

#include <string>
#include <vector>

#include "transform/run/execution.h"
#include "transform/run/test_sql.h"
#include "transform/run/text_rows.h"

namespace millrace::transform {

/// Inside the transaction that is open, if one is. Sets status, failures, message, examples and what is stored.
/// Errors: the engine's; those of judge().
Status run_data_test(Execution& on, const TestPlan& plan, bool warn_error, NodeResult& result);

/// Stored failures taken out of a transaction that is about to be rolled back.
struct KeptFailures {
  Relation store;
  std::vector<std::string> types;
  TextRows rows;
};
Result<KeptFailures> keep_failures(warehouse::Session& session, Catalogue& catalogue, const Relation& store);

/// Writes them as a table: a view would show what the failing build has not become. Errors: the engine's.
Status write_failures(warehouse::Session& session, Catalogue& catalogue, KeptFailures& kept);

}  // namespace millrace::transform
