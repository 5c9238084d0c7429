#pragma once
/// \file warehouse/duckdb/types.h
/// DuckDB's types and vectors as ours, without copying a value.

#include <duckdb.h>

#include "contract/column.h"
#include "warehouse/duckdb/handles.h"

namespace millrace::warehouse::duckdb {

/// TypeKind::other for types that have no counterpart.
ColumnType from_logical(duckdb_logical_type type);
/// Requires: kind != other.
TypeHandle to_logical(const ColumnType& type);
/// Valid as long as the vector. Requires: `type` is the vector's.
ColumnView view_of(duckdb_vector vector, const ColumnType& type);

}  // namespace millrace::warehouse::duckdb
