#include "warehouse/dialect.h"

#include <fmt/format.h>

#include "warehouse/session.h"

namespace millrace::warehouse {
namespace {

std::string enclosed(std::string_view text, char mark) {
  std::string out(1, mark);
  for (char c : text) {
    if (c == mark) out += mark;
    out += c;
  }
  return out += mark;
}

}  // namespace

std::string StandardDialect::quote(std::string_view identifier) const { return enclosed(identifier, '"'); }
std::string StandardDialect::literal(std::string_view text) const { return enclosed(text, '\''); }

std::string StandardDialect::type(const ColumnType& type) const {
  switch (type.kind) {
    case TypeKind::boolean: return "BOOLEAN";
    case TypeKind::int8:
    case TypeKind::int16: return "SMALLINT";
    case TypeKind::uint8:
    case TypeKind::uint16:
    case TypeKind::int32: return "INTEGER";
    case TypeKind::uint32:
    case TypeKind::int64: return "BIGINT";
    case TypeKind::uint64:
    case TypeKind::int128: return "DECIMAL(38,0)";
    case TypeKind::float32: return "REAL";
    case TypeKind::float64: return "DOUBLE PRECISION";
    case TypeKind::decimal: return fmt::format("DECIMAL({},{})", type.precision, type.scale);
    case TypeKind::date: return "DATE";
    case TypeKind::timestamp: return "TIMESTAMP";
    case TypeKind::timestamptz: return "TIMESTAMP WITH TIME ZONE";
    case TypeKind::other:
    case TypeKind::text: return "VARCHAR";
    case TypeKind::blob: return "BLOB";
  }
  return "";
}

std::string quote(const Dialect& dialect, const RelationName& relation) {
  return dialect.quote(relation.schema) + "." + dialect.quote(relation.name);
}

}  // namespace millrace::warehouse
