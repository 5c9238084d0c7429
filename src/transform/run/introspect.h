#pragma once
/// \file transform/run/introspect.h
/// What the warehouse holds, as one run sees it: asked once, then kept current by those who build.

#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "transform/render/renderer.h"

namespace millrace::transform {

/// Names are compared without regard to case, as the engine does. Borrows the session. Threads: one thread at a time.
class Catalogue final : public Introspection {
 public:
  explicit Catalogue(warehouse::Session& session) : session_(session) {}

  /// Reads the names of all schemas, tables and views in one query. Also after a rollback. Errors: the session's.
  Status load();

  Result<warehouse::RelationKind> kind_of(const Relation& relation) override;
  Result<std::vector<std::pair<std::string, std::string>>> columns_of(const Relation& relation) override;
  /// Errors: the session's; unsupported for a statement that would end the transaction of the build.
  Result<warehouse::Rows> query(const std::string& sql) override;

  void set(const Relation& relation, warehouse::RelationKind kind);
  [[nodiscard]] bool has_schema(const Relation& relation) const;
  void add_schema(const Relation& relation);

 private:
  [[nodiscard]] std::string key_of(std::string_view database, std::string_view schema, std::string_view name) const;
  warehouse::Session& session_;
  std::string database_;  // the session's own
  std::unordered_map<std::string, warehouse::RelationKind> kinds_;
  std::unordered_set<std::string> schemas_;
};

/// CREATE SCHEMA IF NOT EXISTS, for the relation's schema.
std::string schema_sql(const warehouse::Dialect& dialect, const Relation& relation);

}  // namespace millrace::transform
