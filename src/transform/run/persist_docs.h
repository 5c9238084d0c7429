#pragma once
/// \file transform/run/persist_docs.h
/// Descriptions of a model and its columns as comments in the warehouse, where persist_docs asks for them.
/// Source: docs.getdbt.com/reference/resource-configs/persist_docs

#include "transform/run/execution.h"

namespace millrace::transform {

/// Columns that the relation has not, are passed over. Errors: the engine's.
Status persist_docs(Execution& on);

}  // namespace millrace::transform
