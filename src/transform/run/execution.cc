#include "transform/run/execution.h"

#include <fmt/format.h>

#include "transform/run/statements.h"

namespace millrace::transform {
namespace {

std::int64_t count_of(const warehouse::Rows& rows) {
  if (rows.rows.size() != 1 || rows.rows[0].size() != 1) return -1;
  const auto* count = std::get_if<std::int64_t>(&rows.rows[0][0]);
  return count == nullptr ? -1 : *count;
}

}  // namespace

void Execution::remember(std::string_view sql) {
  if (!log_.empty()) log_ += "\n\n";
  log_ += sql;
  log_ += ";";
}

Result<warehouse::Rows> Execution::query(const std::string& sql) {
  remember(sql);
  auto got = session_.query({node_.original_path, sql});
  if (!got) return about_compiled_sql(std::move(got).error(), 0, 0, "");
  return got;
}

Status Execution::run(const std::string& sql) {
  MR_CHECK(query(sql));
  return ok();
}

Result<warehouse::Rows> Execution::query_around(std::string_view head, std::string_view sql, std::string_view tail) {
  const std::string whole = fmt::format("{}{}{}", head, sql, tail);
  remember(whole);
  auto got = session_.query({node_.original_path, whole});
  if (!got) return about_compiled_sql(std::move(got).error(), count_lines(head) - 1, count_lines(sql), compiled_file_);
  return got;
}

Result<std::int64_t> Execution::run_around(std::string_view head, std::string_view sql, std::string_view tail) {
  MR_TRY(const warehouse::Rows rows, query_around(head, sql, tail));
  return count_of(rows);
}

Result<std::int64_t> Execution::run_from(RowSource& rows, const std::string& sql) {
  remember(sql);
  warehouse::Statement statement{node_.original_path, sql};
  statement.source = &rows;
  MR_TRY(const warehouse::Rows done, session_.query(statement));
  return count_of(done);
}

Status Execution::run_written(std::string_view text, const std::string& name) {
  bool names_changed = false;
  for (const std::string& sql : split_statements(text)) {
    if (auto s = check_no_transaction_control(sql); !s) {
      Error error = std::move(s).error();
      error.message = name + ": " + error.message;
      return error;
    }
    remember(sql);
    auto got = session_.query({name, sql});
    if (!got) return std::move(got).error();
    names_changed |= changes_names(sql);
  }
  return names_changed ? catalogue_.load() : ok();
}

Status Execution::drop(const Relation& relation, warehouse::RelationKind kind) {
  MR_CHECK(run(fmt::format("DROP {} IF EXISTS {} CASCADE", kind == warehouse::RelationKind::view ? "VIEW" : "TABLE",
                           quoted(dialect(), relation))));
  catalogue_.set(relation, warehouse::RelationKind::none);
  return ok();
}

}  // namespace millrace::transform
