#pragma once
/// \file warehouse/dialect.h
/// How an engine writes names, literals and types.

#include <string>
#include <string_view>

#include "contract/column.h"

namespace millrace::warehouse {

/// Threads: safe to share.
class Dialect {
 public:
  virtual ~Dialect() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;  ///< as dbt names the adapter: "duckdb"
  /// Any text as an identifier that means exactly that text.
  [[nodiscard]] virtual std::string quote(std::string_view identifier) const = 0;
  /// Any text as a string literal.
  [[nodiscard]] virtual std::string literal(std::string_view text) const = 0;
  /// The type of a column definition: "BIGINT", "DECIMAL(10,2)".
  [[nodiscard]] virtual std::string type(const ColumnType& type) const = 0;
};

/// Standard SQL: names in double quotes, literals in single ones, both doubled inside.
class StandardDialect : public Dialect {
 public:
  [[nodiscard]] std::string quote(std::string_view identifier) const override;
  [[nodiscard]] std::string literal(std::string_view text) const override;
  [[nodiscard]] std::string type(const ColumnType& type) const override;
};

/// quote(schema).quote(name)
std::string quote(const Dialect& dialect, const struct RelationName& relation);

}  // namespace millrace::warehouse
