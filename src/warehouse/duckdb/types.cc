#include "warehouse/duckdb/types.h"

#include <array>
#include <cstddef>
#include <utility>

namespace millrace::warehouse::duckdb {
namespace {

// Strings are shared cell for cell; this is what makes that sound.
static_assert(sizeof(StringCell) == sizeof(duckdb_string_t));
static_assert(offsetof(StringCell, inlined.size) == offsetof(duckdb_string_t, value.inlined.length));
static_assert(offsetof(StringCell, inlined.bytes) == offsetof(duckdb_string_t, value.inlined.inlined));
static_assert(offsetof(StringCell, pointed.prefix) == offsetof(duckdb_string_t, value.pointer.prefix));
static_assert(offsetof(StringCell, pointed.data) == offsetof(duckdb_string_t, value.pointer.ptr));

constexpr std::array<std::pair<duckdb_type, TypeKind>, 16> kTypes{{
    {DUCKDB_TYPE_BOOLEAN, TypeKind::boolean},
    {DUCKDB_TYPE_TINYINT, TypeKind::int8},
    {DUCKDB_TYPE_SMALLINT, TypeKind::int16},
    {DUCKDB_TYPE_INTEGER, TypeKind::int32},
    {DUCKDB_TYPE_BIGINT, TypeKind::int64},
    {DUCKDB_TYPE_UTINYINT, TypeKind::uint8},
    {DUCKDB_TYPE_USMALLINT, TypeKind::uint16},
    {DUCKDB_TYPE_UINTEGER, TypeKind::uint32},
    {DUCKDB_TYPE_UBIGINT, TypeKind::uint64},
    {DUCKDB_TYPE_HUGEINT, TypeKind::int128},
    {DUCKDB_TYPE_FLOAT, TypeKind::float32},
    {DUCKDB_TYPE_DOUBLE, TypeKind::float64},
    {DUCKDB_TYPE_DATE, TypeKind::date},
    {DUCKDB_TYPE_TIMESTAMP, TypeKind::timestamp},
    {DUCKDB_TYPE_TIMESTAMP_TZ, TypeKind::timestamptz},
    {DUCKDB_TYPE_VARCHAR, TypeKind::text},
}};

}  // namespace

ColumnType from_logical(duckdb_logical_type type) {
  const duckdb_type id = duckdb_get_type_id(type);
  if (id == DUCKDB_TYPE_DECIMAL) return {TypeKind::decimal, duckdb_decimal_width(type), duckdb_decimal_scale(type)};
  if (id == DUCKDB_TYPE_BLOB) return {TypeKind::blob};
  for (const auto& [theirs, ours] : kTypes)
    if (theirs == id) return {ours};
  return {TypeKind::other};
}

TypeHandle to_logical(const ColumnType& type) {
  if (type.kind == TypeKind::decimal) return TypeHandle(duckdb_create_decimal_type(type.precision, type.scale));
  if (type.kind == TypeKind::blob) return TypeHandle(duckdb_create_logical_type(DUCKDB_TYPE_BLOB));
  for (const auto& [theirs, ours] : kTypes)
    if (ours == type.kind) return TypeHandle(duckdb_create_logical_type(theirs));
  return TypeHandle(duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR));
}

ColumnView view_of(duckdb_vector vector, const ColumnType& type) {
  return {type, duckdb_vector_get_data(vector), duckdb_vector_get_validity(vector)};
}

}  // namespace millrace::warehouse::duckdb
