#pragma once
/// \file transform/materialize.h
/// Compiled models as the statements that build them, for one transaction.

#include <functional>
#include <string>
#include <vector>

#include "transform/project.h"
#include "warehouse/session.h"

namespace millrace::transform {

/// What became of one model.
struct ModelRun {
  std::string unique_id, relation;
  Materialization materialized = Materialization::view;
  std::int64_t rows = -1;  ///< of a table; -1: a view has none of its own
  std::chrono::milliseconds elapsed{};
  bool done = false;
};

/// Statements that build all models in order: schemas, what stands in the way, the models.
/// `runs` gets one entry for each model, filled as they run; it outlives the statements.
/// Requires: compile() was called. Errors: those of looking at what is there.
Result<std::vector<warehouse::Statement>> build_statements(const Project& project, warehouse::Session& session,
                                                           std::vector<ModelRun>& runs);

}  // namespace millrace::transform
