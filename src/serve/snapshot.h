#pragma once
/// \file serve/snapshot.h
/// What an endpoint serves: a table of its own for each generation, made in the publish transaction.
/// Loads and builds that follow cannot change it, and its primary key is the proof that the
/// endpoint's key names one row.

#include <memory>
#include <string>
#include <vector>

#include "serve/published.h"
#include "warehouse/session.h"

namespace millrace::serve {

/// The statements that make the tables of `generation`; they belong to its publish transaction.
/// It fails as contract_violation where a key is NULL or stands twice.
/// Endpoints are borrowed and outlive the statements.
std::vector<warehouse::Statement> snapshot_statements(const warehouse::Dialect& dialect,
                                                      const std::vector<Endpoint>& endpoints, std::int64_t generation);

/// The generation as it was published. Endpoints that were declared since then are left out.
/// Errors: those of the queries.
Result<std::shared_ptr<const Published>> read_published(warehouse::Session& session,
                                                        const std::vector<Endpoint>& endpoints, std::int64_t generation,
                                                        WallTime at);

/// Drops the tables of generations older than `oldest_kept`.
Status drop_older(warehouse::Session& session, std::int64_t oldest_kept);

}  // namespace millrace::serve
