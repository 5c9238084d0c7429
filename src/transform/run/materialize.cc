#include "transform/run/materialize.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/words.h"
#include "transform/run/incremental.h"
#include "transform/run/statements.h"

namespace millrace::transform {
namespace {

using warehouse::RelationKind;

bool contract_enforced(const Node& model) {
  const jinja::Value* contract = model.config.find("contract");
  if (contract == nullptr || !contract->is(jinja::Kind::dict)) return false;
  const jinja::Value* enforced = contract->dict_entries().find("enforced");
  return enforced != nullptr && enforced->is(jinja::Kind::boolean) && enforced->boolean();
}

Error unknown_materialization(const Node& model, const std::string& name) {
  static const std::vector<std::string> kKnown{"view", "table", "incremental", "ephemeral"};
  const std::string meant = nearest(name, kKnown);
  return {ErrorKind::unsupported,
          fmt::format("{}: the materialization '{}' is not supported: found materialized: {}, expected view, table, "
                      "incremental or ephemeral",
                      model.original_path, name, name),
          meant.empty() ? "custom materializations and those of other engines do not run yet"
                        : "did you mean " + meant + "?",
          {}};
}

Status run_header(Execution& on) {
  const auto header = on.node().config.optional_text("sql_header");
  return header ? on.run_written(*header, on.node().original_path + " (sql_header)") : ok();
}

Result<Built> build_view(Execution& on) {
  const Relation& relation = on.node().relation;
  MR_TRY(const RelationKind there, on.catalogue().kind_of(relation));
  if (there == RelationKind::table) MR_CHECK(on.drop(relation, there));
  MR_CHECK(on.run_around(fmt::format("CREATE OR REPLACE VIEW {} AS (\n", quoted(on.dialect(), relation)),
                         on.node().compiled_code, "\n)"));
  on.catalogue().set(relation, RelationKind::view);
  return Built{};
}

/// `indexes: [{columns: [a, b], unique: true}]`
Status make_indexes(Execution& on) {
  const jinja::Value* indexes = on.node().config.find("indexes");
  if (indexes == nullptr || !indexes->is(jinja::Kind::list)) return ok();
  for (std::size_t i = 0; i < indexes->items().size(); ++i) {
    const jinja::Value& index = indexes->items()[i];
    const jinja::Value* columns = index.is(jinja::Kind::dict) ? index.dict_entries().find("columns") : nullptr;
    if (columns == nullptr || !columns->is(jinja::Kind::list))
      return Error{ErrorKind::invalid_input,
                   fmt::format("{}: indexes[{}]: expected columns: with a list of names", on.node().original_path, i),
                   {},
                   {}};
    std::vector<std::string> names;
    for (const jinja::Value& column : columns->items())
      if (column.is(jinja::Kind::text)) names.push_back(on.dialect().quote(column.text()));
    const jinja::Value* unique = index.dict_entries().find("unique");
    const bool is_unique = unique != nullptr && unique->is(jinja::Kind::boolean) && unique->boolean();
    MR_CHECK(on.run(fmt::format("CREATE {}INDEX {} ON {} ({})", is_unique ? "UNIQUE " : "",
                                on.dialect().quote(fmt::format("{}_index_{}", on.node().relation.identifier, i + 1)),
                                quoted(on.dialect(), on.node().relation), join(names, ", "))));
  }
  return ok();
}

}  // namespace

Status check_supported(const Node& model) {
  if (model.type == ResourceType::snapshot)
    return Error{ErrorKind::unsupported,
                 fmt::format("{}: snapshots are not supported yet", model.original_path),
                 "leave it out with --exclude resource_type:snapshot",
                 {}};
  const std::string kind = model.materialized();
  if (model.is_model()) {
    static constexpr std::array<std::string_view, 4> kKnown{"view", "table", "incremental", "ephemeral"};
    if (std::find(kKnown.begin(), kKnown.end(), kind) == kKnown.end()) return unknown_materialization(model, kind);
  }
  if (model.original_path.ends_with(".py"))
    return Error{ErrorKind::unsupported,
                 fmt::format("{}: models in Python are not supported", model.original_path),
                 "write it in SQL",
                 {}};
  if (contract_enforced(model))
    return Error{ErrorKind::unsupported,
                 fmt::format("{}: contract: enforced: true is not supported yet", model.original_path),
                 "set enforced: false; not_null and data types can be shown by tests",
                 {}};
  if (kind == "incremental") MR_CHECK(incremental_plan(model));
  return ok();
}

Result<Built> build_table(Execution& on) {
  const Relation& relation = on.node().relation;
  MR_TRY(const RelationKind there, on.catalogue().kind_of(relation));
  MR_CHECK(run_header(on));
  Built out;
  if (there != RelationKind::view) {
    MR_TRY(out.rows, on.run_around(fmt::format("CREATE OR REPLACE TABLE {} AS (\n", quoted(on.dialect(), relation)),
                                   on.node().compiled_code, "\n)"));
  } else {
    // The SQL may read what stands there: the view goes only when the rows are made.
    Relation fresh = relation;
    fresh.identifier += "__dbt_tmp";
    MR_TRY(out.rows, on.run_around(fmt::format("CREATE OR REPLACE TABLE {} AS (\n", quoted(on.dialect(), fresh)),
                                   on.node().compiled_code, "\n)"));
    MR_CHECK(on.drop(relation, there));
    MR_CHECK(on.run(fmt::format("ALTER TABLE {} RENAME TO {}", quoted(on.dialect(), fresh),
                                on.dialect().quote(relation.identifier))));
  }
  on.catalogue().set(relation, RelationKind::table);
  MR_CHECK(make_indexes(on));
  return out;
}

Result<Built> build_model(Execution& on, bool full_refresh) {
  MR_CHECK(check_supported(on.node()));
  const std::string kind = on.node().materialized();
  if (kind == "view") {
    MR_CHECK(run_header(on));
    return build_view(on);
  }
  if (kind == "table") return build_table(on);
  MR_TRY(const RelationKind there, on.catalogue().kind_of(on.node().relation));
  if (there != RelationKind::table || full_refresh) return build_table(on);
  MR_CHECK(run_header(on));
  return add_to_incremental(on);
}

}  // namespace millrace::transform
