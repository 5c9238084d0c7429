#include "transform/run/test_execution.h"

#include <fmt/format.h>

namespace millrace::transform {
namespace {

using warehouse::RelationKind;

Status store(Execution& on, const TestPlan& plan) {
  MR_TRY(const RelationKind there, on.catalogue().kind_of(plan.store));
  const RelationKind wanted = plan.stores_view ? RelationKind::view : RelationKind::table;
  if (there != RelationKind::none && there != wanted) MR_CHECK(on.drop(plan.store, there));
  MR_CHECK(on.run_around(fmt::format("CREATE OR REPLACE {} {} AS (\n", plan.stores_view ? "VIEW" : "TABLE",
                                     quoted(on.dialect(), plan.store)),
                         on.node().compiled_code, "\n)"));
  on.catalogue().set(plan.store, wanted);
  return ok();
}

/// A few failing rows for people. Without them the count still stands: no error of theirs is the test's.
std::vector<std::string> examples_of(Execution& on, const std::string& query) {
  std::vector<std::string> out;
  const auto rows = on.session().query({"failing rows of " + on.node().name,
                                        fmt::format("SELECT CAST(to_json(failing) AS VARCHAR) FROM (\n{}\n) AS failing "
                                                    "LIMIT 5",
                                                    query)});
  if (!rows) return out;
  for (const auto& row : rows->rows) out.push_back(warehouse::to_text(row[0]));
  return out;
}

}  // namespace

Status run_data_test(Execution& on, const TestPlan& plan, bool warn_error, NodeResult& result) {
  std::string query = on.node().compiled_code;
  if (plan.stores) {
    MR_CHECK(store(on, plan));
    query = "SELECT * FROM " + quoted(on.dialect(), plan.store);
    result.relation = result.stored_in = plan.store.text();
  }
  MR_TRY(const warehouse::Rows rows, on.query_around(count_sql_before(plan), query, count_sql_behind(plan)));
  MR_TRY(const Verdict verdict, judge(plan, rows, warn_error, on.node().original_path));
  result.status = verdict.status;
  result.failures = verdict.failures;
  result.message = verdict.message;
  result.adapter_message = "OK";
  if (verdict.status != RunStatus::pass) result.examples = examples_of(on, query);
  return ok();
}

Result<KeptFailures> keep_failures(warehouse::Session& session, Catalogue& catalogue, const Relation& store) {
  MR_TRY(const auto columns, catalogue.columns_of(store));
  std::vector<std::string> names, types;
  std::string list;
  for (const auto& [name, type] : columns) {
    names.push_back(name);
    types.push_back(type);
    list += fmt::format("{}CAST({} AS VARCHAR)", list.empty() ? "" : ", ", session.dialect().quote(name));
  }
  KeptFailures kept{store, std::move(types), TextRows(std::move(names))};
  const warehouse::Statement read{"failing rows of " + store.text(),
                                  fmt::format("SELECT {} FROM {}", list, quoted(session.dialect(), store))};
  MR_CHECK(session.read(read, [&kept](std::span<const ColumnView> views, std::size_t rows) {
    for (std::size_t r = 0; r < rows; ++r)
      for (const ColumnView& view : views)
        kept.rows.add(view.is_null(r) ? std::nullopt : std::optional(view.at<StringCell>(r).view()));
    return ok();
  }));
  return kept;
}

Status write_failures(warehouse::Session& session, Catalogue& catalogue, KeptFailures& kept) {
  const warehouse::Dialect& d = session.dialect();
  const std::string relation = quoted(d, kept.store), name = "failing rows of " + kept.store.text();
  std::string columns, names;
  for (std::size_t c = 0; c < kept.rows.width(); ++c) {
    columns += fmt::format("{}{} {}", c == 0 ? "" : ", ", d.quote(kept.rows.name(c)), kept.types[c]);
    names += fmt::format("{}{}", c == 0 ? "" : ", ", d.quote(kept.rows.name(c)));
  }
  MR_TRY(const RelationKind there, catalogue.kind_of(kept.store));
  return session.transact(name, [&]() -> Status {
    MR_CHECK(session.query({name, schema_sql(d, kept.store)}));
    if (there == RelationKind::view) MR_CHECK(session.query({name, "DROP VIEW " + relation}));
    MR_CHECK(session.query({name, fmt::format("CREATE OR REPLACE TABLE {} ({})", relation, columns)}));
    warehouse::Statement insert{name,
                                fmt::format("INSERT INTO {} ({}) SELECT {} FROM {{rows}}", relation, names, names)};
    insert.source = &kept.rows;
    if (kept.rows.rows() > 0) MR_CHECK(session.query(insert));
    return ok();
  });
}

}  // namespace millrace::transform
