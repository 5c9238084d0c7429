// From templates to the SQL that runs: models, and the four generic tests.
#include <fmt/format.h>

#include "base/words.h"
#include "transform/context.h"
#include "transform/project.h"
#include "transform/sql.gen.h"

namespace millrace::transform {
namespace {

/// The query of a template: without the semicolon that some editors leave.
Result<std::string> render_query(const std::string& raw, const std::string& path, const jinja::Scope& scope) {
  MR_TRY(const jinja::Template parsed, jinja::parse(raw, path));
  MR_TRY(const std::string sql, jinja::render(parsed, scope));
  std::string_view query = trimmed(sql);
  while (query.ends_with(';')) query = trimmed(query.substr(0, query.size() - 1));
  if (query.empty())
    return Error{ErrorKind::invalid_input, fmt::format("{}: the file renders to no SQL", path), {}, {}};
  return std::string(query);
}

/// What a generic test looks at: its node, or the part of it that `where` leaves.
std::string tested_relation(const Project& project, const DataTest& test, const Target& target) {
  const auto model = project.models.find(test.about);
  const warehouse::RelationName& name =
      model != project.models.end() ? model->second.relation : project.sources.find(test.about)->second.relation;
  const std::string relation = quote(*target.dialect, name);
  return test.config.where ? fmt::format("(select * from {} where {}) dbt_subquery", relation, *test.config.where)
                           : relation;
}

std::string value_list(const DataTest& test, const warehouse::Dialect& dialect) {
  std::vector<std::string> values;
  for (const std::string& v : test.values) values.push_back(test.quote_values ? dialect.literal(v) : v);
  return join(values, ", ");
}

/// Columns stand as written, unquoted, as dbt has them.
Result<std::string> generic_query(const Project& project, const DataTest& test, const Target& target,
                                  const Context& context) {
  const std::string model = tested_relation(project, test, target);
  switch (test.kind) {
    case TestKind::not_null: return warehouse::fill(sql::test_not_null, {{"model", model}, {"column", test.column}});
    case TestKind::unique: return warehouse::fill(sql::test_unique, {{"model", model}, {"column", test.column}});
    case TestKind::accepted_values:
      return warehouse::fill(
          sql::test_accepted_values,
          {{"model", model}, {"column", test.column}, {"values", value_list(test, *target.dialect)}});
    case TestKind::relationships: {
      Rendered ignored;
      MR_TRY(const jinja::Template parsed, jinja::parse("{{ " + test.to + " }}", test.path));
      MR_TRY(const std::string parent, jinja::render(parsed, context.scope(nullptr, ignored)));
      return warehouse::fill(sql::test_relationships,
                             {{"model", model}, {"column", test.column}, {"parent", parent}, {"field", test.field}});
    }
    case TestKind::singular: break;
  }
  return Error{ErrorKind::internal, "a singular test is no generic one", {}, {}};
}

}  // namespace

Status compile(Project& project, const Target& target) {
  const Context context(project, target);
  for (auto& [id, model] : project.models) {
    Rendered ignored;
    MR_TRY(model.compiled_sql, render_query(model.raw_sql, model.path, context.scope(&model.relation, ignored)));
  }
  for (DataTest& test : project.tests) {
    Rendered ignored;
    if (test.kind == TestKind::singular) {
      MR_TRY(test.compiled_sql, render_query(test.raw_sql, test.path, context.scope(nullptr, ignored)));
    } else {
      MR_TRY(test.compiled_sql, generic_query(project, test, target, context));
    }
  }
  return ok();
}

}  // namespace millrace::transform
