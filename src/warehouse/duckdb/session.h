#pragma once
/// \file warehouse/duckdb/session.h
#include <memory>

#include "warehouse/duckdb/handles.h"
#include "warehouse/duckdb/row_function.h"
#include "warehouse/session.h"

namespace millrace::warehouse::duckdb {

/// The registry is borrowed and outlives the session.
std::unique_ptr<Session> make_session(ConnectionHandle connection, SourceRegistry& registry);

}  // namespace millrace::warehouse::duckdb
