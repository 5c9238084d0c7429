#include "transform/run/introspect.h"

#include <fmt/format.h>

#include "base/words.h"
#include "transform/run/statements.h"

namespace millrace::transform {
namespace {

using warehouse::RelationKind;
using warehouse::to_text;

// Schemas come first and have no name; the first row of all names the session's own database.
constexpr std::string_view kEverything =
    "SELECT current_database(), NULL, NULL, NULL UNION ALL "
    "SELECT catalog_name, schema_name, NULL, NULL FROM information_schema.schemata UNION ALL "
    "SELECT table_catalog, table_schema, table_name, table_type FROM information_schema.tables";

}  // namespace

Status Catalogue::load() {
  MR_TRY(const warehouse::Rows rows, session_.query({"the names of the warehouse", std::string(kEverything)}));
  kinds_.clear();
  schemas_.clear();
  for (const auto& row : rows.rows) {
    const std::string database = to_text(row[0]), schema = to_text(row[1]), name = to_text(row[2]);
    if (std::holds_alternative<std::monostate>(row[1]))
      database_ = database;
    else if (std::holds_alternative<std::monostate>(row[2]))
      schemas_.insert(key_of(database, schema, ""));
    else
      kinds_[key_of(database, schema, name)] = to_text(row[3]) == "VIEW" ? RelationKind::view : RelationKind::table;
  }
  return ok();
}

std::string Catalogue::key_of(std::string_view database, std::string_view schema, std::string_view name) const {
  std::string key;
  key += database.empty() ? std::string_view(database_) : database;
  key += '\n';
  key += schema;
  key += '\n';
  key += name;
  return to_lower_ascii(key);
}

Result<RelationKind> Catalogue::kind_of(const Relation& r) {
  const auto it = kinds_.find(key_of(r.database, r.schema, r.identifier));
  return it == kinds_.end() ? RelationKind::none : it->second;
}

Result<std::vector<std::pair<std::string, std::string>>> Catalogue::columns_of(const Relation& relation) {
  std::vector<std::pair<std::string, std::string>> out;
  MR_TRY(const RelationKind kind, kind_of(relation));
  if (kind == RelationKind::none) return out;
  MR_TRY(const warehouse::Rows rows,
         session_.query({"columns of " + relation.text(), "DESCRIBE " + quoted(session_.dialect(), relation)}));
  for (const auto& row : rows.rows) out.emplace_back(to_text(row[0]), to_text(row[1]));
  return out;
}

Result<warehouse::Rows> Catalogue::query(const std::string& sql) {
  warehouse::Rows last;
  bool names_changed = false;
  for (const std::string& statement : split_statements(sql)) {
    MR_CHECK(check_no_transaction_control(statement));
    MR_TRY(last, session_.query({"a query of a template", statement}));
    names_changed |= changes_names(statement);
  }
  if (names_changed) MR_CHECK(load());
  return last;
}

void Catalogue::set(const Relation& r, RelationKind kind) {
  const std::string key = key_of(r.database, r.schema, r.identifier);
  if (kind == RelationKind::none)
    kinds_.erase(key);
  else
    kinds_[key] = kind;
}

bool Catalogue::has_schema(const Relation& r) const { return schemas_.count(key_of(r.database, r.schema, "")) > 0; }
void Catalogue::add_schema(const Relation& r) { schemas_.insert(key_of(r.database, r.schema, "")); }

std::string schema_sql(const warehouse::Dialect& dialect, const Relation& relation) {
  const std::string database = relation.database.empty() ? "" : dialect.quote(relation.database) + ".";
  return fmt::format("CREATE SCHEMA IF NOT EXISTS {}{}", database, dialect.quote(relation.schema));
}

}  // namespace millrace::transform
