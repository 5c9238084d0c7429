#pragma once
/// \file warehouse/duckdb/session.h
#include <atomic>
#include <memory>

#include "warehouse/duckdb/handles.h"
#include "warehouse/duckdb/row_function.h"
#include "warehouse/session.h"

namespace millrace::warehouse::duckdb {

/// What all sessions of a database share.
struct DatabaseState {
  SourceRegistry registry;
  std::atomic<bool> stopped{false};  ///< a session has seen the engine stop itself
};

/// The state is borrowed and outlives the session.
std::unique_ptr<Session> make_session(ConnectionHandle connection, DatabaseState& state);

}  // namespace millrace::warehouse::duckdb
