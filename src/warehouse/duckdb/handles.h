#pragma once
/// \file warehouse/duckdb/handles.h
/// Owners of DuckDB's C handles; each frees also what a failed call left behind.

#include <duckdb.h>

#include <utility>

namespace millrace::warehouse::duckdb {

template <class H, void (*Free)(H*)>
class Handle {
 public:
  Handle() = default;
  explicit Handle(H handle) : handle_(handle) {}
  ~Handle() { Free(&handle_); }
  Handle(Handle&& other) noexcept : handle_(std::exchange(other.handle_, H{})) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  H get() const { return handle_; }
  H* out() { return &handle_; }

 private:
  H handle_{};
};

using DatabaseHandle = Handle<duckdb_database, duckdb_close>;
using ConnectionHandle = Handle<duckdb_connection, duckdb_disconnect>;
using ConfigHandle = Handle<duckdb_config, duckdb_destroy_config>;
using PreparedHandle = Handle<duckdb_prepared_statement, duckdb_destroy_prepare>;
using ResultHandle = Handle<duckdb_result, duckdb_destroy_result>;
using ChunkHandle = Handle<duckdb_data_chunk, duckdb_destroy_data_chunk>;
using TypeHandle = Handle<duckdb_logical_type, duckdb_destroy_logical_type>;
using ValueHandle = Handle<duckdb_value, duckdb_destroy_value>;
using TableFunctionHandle = Handle<duckdb_table_function, duckdb_destroy_table_function>;

}  // namespace millrace::warehouse::duckdb
