#include "transform/materialize.h"

#include <set>

#include "transform/sql.gen.h"

namespace millrace::transform {
namespace {

using warehouse::RelationKind;
using warehouse::Statement;

std::string_view drop_of(RelationKind kind) { return kind == RelationKind::view ? sql::drop_view : sql::drop_table; }

}  // namespace

Result<std::vector<Statement>> build_statements(const Project& project, warehouse::Session& session,
                                                std::vector<ModelRun>& runs) {
  const warehouse::Dialect& d = session.dialect();
  std::vector<Statement> out;
  std::set<std::string> schemas;
  for (const auto& [id, model] : project.models) schemas.insert(model.relation.schema);
  for (const std::string& schema : schemas)
    out.push_back({"schema " + schema, warehouse::fill(sql::create_schema, {{"schema", d.quote(schema)}})});
  runs.assign(project.order.size(), {});
  for (std::size_t i = 0; i < project.order.size(); ++i) {
    const Model& model = project.models.at(project.order[i]);
    ModelRun& run = runs[i];
    run.unique_id = model.unique_id;
    run.relation = model.relation.text();
    run.materialized = model.config.materialized.value_or(Materialization::view);  // dbt's default
    const std::string relation = quote(d, model.relation);
    MR_TRY(const RelationKind there, session.kind_of(model.relation));
    const RelationKind wanted = run.materialized == Materialization::view ? RelationKind::view : RelationKind::table;
    if (there != RelationKind::none && there != wanted)
      out.push_back({"drop " + run.relation, warehouse::fill(drop_of(there), {{"relation", relation}})});
    Statement build{"model " + run.relation,
                    warehouse::fill(wanted == RelationKind::view ? sql::create_view : sql::create_table,
                                    {{"relation", relation}, {"query", model.compiled_sql}})};
    build.on_rows = [&run](const warehouse::Rows& rows) {
      // CREATE TABLE AS answers with its number of rows.
      if (run.materialized == Materialization::table && !rows.rows.empty())
        run.rows = warehouse::to_integer(rows.rows[0][0]);
      return ok();
    };
    build.on_done = [&run](const warehouse::Done& done) {
      run.elapsed = done.elapsed;
      run.done = true;
    };
    out.push_back(std::move(build));
  }
  return out;
}

}  // namespace millrace::transform
