#pragma once
/// \file transform/project/relation.h
/// The name of a table or view in three parts, as dbt has it.

#include <string>

#include "warehouse/session.h"

namespace millrace::transform {

/// As given, unquoted. DuckDB and PostgreSQL are asked for exactly these names.
struct Relation {
  std::string database;  ///< "" where names leave it out: then the session's own
  std::string schema, identifier;
  [[nodiscard]] warehouse::RelationName name() const { return {schema, identifier}; }
  [[nodiscard]] std::string text() const { return schema + "." + identifier; }  ///< for messages
  auto operator<=>(const Relation&) const = default;
};

/// As SQL: "db"."schema"."identifier", each part quoted by the dialect.
std::string quoted(const warehouse::Dialect& dialect, const Relation& relation);

}  // namespace millrace::transform
