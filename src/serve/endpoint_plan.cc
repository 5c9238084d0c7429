#include "serve/endpoint_plan.h"

#include "base/words.h"
#include "serve/sql.gen.h"

namespace millrace::serve {
namespace {

std::string column_list(const PublishedEndpoint& published, const warehouse::Dialect& dialect) {
  std::vector<std::string> names;
  for (const Column& column : published.columns) names.push_back(dialect.quote(column.name));
  return join(names, ", ");
}

warehouse::Statement page_statement(const PublishedEndpoint& published, const warehouse::Dialect& dialect) {
  warehouse::Statement statement{"serve/page", warehouse::fill(sql::page, {{"columns", column_list(published, dialect)},
                                                                           {"table", published.table}})};
  statement.params = {std::int64_t{0}, std::int64_t{0}};
  statement.reusable = true;
  return statement;
}

warehouse::Statement point_statement(const PublishedEndpoint& published, const warehouse::Dialect& dialect) {
  const Column& key = published.columns.at(published.key_index);
  // These are bound as what they are; a cast costs a tenth of the query.
  const bool as_bound = key.type.kind == TypeKind::int64 || key.type.kind == TypeKind::text;
  warehouse::Statement statement{"serve/point", warehouse::fill(as_bound ? sql::point : sql::point_cast,
                                                                {{"columns", column_list(published, dialect)},
                                                                 {"table", published.table},
                                                                 {"key", dialect.quote(key.name)},
                                                                 {"type", dialect.type(key.type)}})};
  statement.params = {std::monostate{}};
  statement.reusable = true;
  return statement;
}

}  // namespace

EndpointPlan::EndpointPlan(const PublishedEndpoint& published, const warehouse::Dialect& dialect)
    : path(published.endpoint.path),
      key(published.columns.at(published.key_index)),
      count(published.count),
      rows(published.columns),
      page(page_statement(published, dialect)),
      point(point_statement(published, dialect)) {}

}  // namespace millrace::serve
