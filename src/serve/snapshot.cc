#include "serve/snapshot.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/words.h"
#include "serve/sql.gen.h"

namespace millrace::serve {
namespace {

using warehouse::RelationName;
using warehouse::Statement;

constexpr std::string_view kSchema = "millrace_serve";

/// "/orders/by-day/" of generation 17 -> g17_orders_by_day. Two endpoints never share a name, because
/// '_' and '-' and '/' are told apart: '_' doubles, '-' becomes '_d', '/' becomes '_s'.
RelationName table_of(const Endpoint& endpoint, std::int64_t generation) {
  std::string name = fmt::format("g{}", generation);
  for (char c : endpoint.path) {
    if (c == '/')
      name += "_s";
    else if (c == '-')
      name += "_d";
    else if (c == '_')
      name += "__";
    else
      name += c;
  }
  return {std::string(kSchema), name};
}

/// Types whose cells the server reads as they are; all others are stored as text.
bool served_as_is(std::string_view type) {
  static constexpr std::array<std::string_view, 17> kTypes{
      "BOOLEAN",  "TINYINT",   "SMALLINT", "INTEGER",   "BIGINT",
      "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT",   "HUGEINT",
      "FLOAT",    "DOUBLE",    "DATE",     "TIMESTAMP", "TIMESTAMP WITH TIME ZONE",
      "VARCHAR",  "BLOB"};
  return type.starts_with("DECIMAL(") || std::find(kTypes.begin(), kTypes.end(), type) != kTypes.end();
}

struct Definition {
  std::vector<std::string> columns;  ///< "name" TYPE
  std::vector<std::string> values;   ///< "name", or CAST("name" AS VARCHAR)
};

/// From the answer to DESCRIBE: column_name, column_type, …
Result<Definition> define(const warehouse::Dialect& d, const Endpoint& endpoint, const warehouse::Rows& described) {
  Definition out;
  std::vector<std::string> names;
  for (const auto& row : described.rows) {
    names.push_back(warehouse::to_text(row.at(0)));
    const std::string type = warehouse::to_text(row.at(1)), name = d.quote(names.back());
    const bool as_is = served_as_is(type);
    out.columns.push_back(name + " " + (as_is ? type : "VARCHAR"));
    out.values.push_back(as_is ? name : fmt::format("CAST({} AS VARCHAR)", name));
  }
  const bool has_key = std::any_of(names.begin(), names.end(), [&](const std::string& n) {
    return to_lower_ascii(n) == to_lower_ascii(endpoint.key);
  });
  if (has_key) return out;
  const std::string near = nearest(endpoint.key, names);
  return Error{ErrorKind::invalid_input,
               fmt::format("endpoint {}: {} has no column \"{}\"", endpoint.path, endpoint.relation, endpoint.key),
               near.empty() ? "name a column that it has as key:" : fmt::format("did you mean key: {}?", near),
               {}};
}

}  // namespace

std::vector<Statement> snapshot_statements(const warehouse::Dialect& d, const std::vector<Endpoint>& endpoints,
                                           std::int64_t generation) {
  std::vector<Statement> out;
  if (endpoints.empty()) return out;
  out.push_back({"serve/create_schema", warehouse::fill(sql::create_schema, {{"schema", d.quote(kSchema)}})});
  for (const Endpoint& endpoint : endpoints) {
    const auto relation = warehouse::parse_relation(endpoint.relation);
    MR_INVARIANT(relation.has_value(), "the configuration has checked the endpoint's relation");
    const std::string from = quote(d, *relation), table = quote(d, table_of(endpoint, generation)),
                      key = d.quote(endpoint.key);
    const auto definition = std::make_shared<Definition>();  // written by the first statement, read by the other two
    Statement describe{"endpoint " + endpoint.path, warehouse::fill(sql::describe, {{"relation", from}})};
    describe.on_rows = [&d, &endpoint, definition](const warehouse::Rows& rows) -> Status {
      MR_TRY(*definition, define(d, endpoint, rows));
      return ok();
    };
    Statement create{"endpoint " + endpoint.path, ""};
    create.before = [definition, table, key](Statement& s) {
      s.sql = warehouse::fill(sql::create_snapshot,
                              {{"table", table}, {"columns", join(definition->columns, ",\n  ")}, {"key", key}});
      return ok();
    };
    Statement copy{"endpoint " + endpoint.path + ": key " + endpoint.key + " of " + endpoint.relation, ""};
    copy.before = [definition, table, key, from](Statement& s) {
      s.sql = warehouse::fill(
          sql::fill_snapshot,
          {{"table", table}, {"values", join(definition->values, ", ")}, {"key", key}, {"relation", from}});
      return ok();
    };
    out.push_back(std::move(describe));
    out.push_back(std::move(create));
    out.push_back(std::move(copy));
  }
  return out;
}

Result<std::shared_ptr<const Published>> read_published(warehouse::Session& session,
                                                        const std::vector<Endpoint>& endpoints, std::int64_t generation,
                                                        WallTime at) {
  auto published = std::make_shared<Published>();
  published->generation = generation;
  published->at = at;
  for (const Endpoint& endpoint : endpoints) {
    const RelationName name = table_of(endpoint, generation);
    MR_TRY(const auto kind, session.kind_of(name));
    if (kind == warehouse::RelationKind::none) continue;
    PublishedEndpoint p;
    p.endpoint = endpoint;
    p.table = quote(session.dialect(), name);
    MR_TRY(p.columns, session.columns_of("SELECT * FROM " + p.table));
    p.columns.erase(p.columns.begin());  // _mr_row
    for (std::size_t i = 0; i < p.columns.size(); ++i)
      if (to_lower_ascii(p.columns[i].name) == to_lower_ascii(endpoint.key)) p.key_index = i;
    MR_TRY(const auto count, session.query({"serve/count", warehouse::fill(sql::count, {{"table", p.table}})}));
    p.count = warehouse::to_integer(count.rows.at(0).at(0));
    published->endpoints.push_back(std::move(p));
  }
  return std::shared_ptr<const Published>(std::move(published));
}

Status drop_older(warehouse::Session& session, std::int64_t oldest_kept) {
  MR_TRY(const auto tables,
         session.query({"serve/list_snapshots", std::string(sql::list_snapshots), {std::string(kSchema)}}));
  warehouse::Batch batch{"drop old generations", {}};
  for (const auto& row : tables.rows) {
    const std::string name = warehouse::to_text(row[0]);
    std::int64_t generation = 0;
    if (std::from_chars(name.data() + 1, name.data() + name.size(), generation).ec != std::errc{} ||
        generation >= oldest_kept)
      continue;
    batch.statements.push_back(
        {"drop " + name,
         warehouse::fill(sql::drop_snapshot, {{"table", quote(session.dialect(), {std::string(kSchema), name})}})});
  }
  return batch.statements.empty() ? ok() : session.commit(batch);
}

}  // namespace millrace::serve
