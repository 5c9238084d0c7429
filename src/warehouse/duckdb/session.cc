#include "warehouse/duckdb/session.h"

#include <fmt/format.h>

#include <chrono>
#include <unordered_map>

#include "base/failpoint.h"
#include "base/log.h"
#include "warehouse/cell_text.h"
#include "warehouse/duckdb/errors.h"
#include "warehouse/duckdb/types.h"

namespace millrace::warehouse::duckdb {
namespace {

constexpr std::string_view kAskAgain = "run the command again: what has been done is recognised, nothing is done twice";

class DuckDbDialect final : public StandardDialect {
 public:
  std::string_view name() const override { return "duckdb"; }
  std::string type(const ColumnType& type) const override {
    switch (type.kind) {  // DuckDB has a name for each width
      case TypeKind::int8: return "TINYINT";
      case TypeKind::uint8: return "UTINYINT";
      case TypeKind::uint16: return "USMALLINT";
      case TypeKind::uint32: return "UINTEGER";
      case TypeKind::uint64: return "UBIGINT";
      case TypeKind::int128: return "HUGEINT";
      default: return StandardDialect::type(type);
    }
  }
};

/// A source named in the registry for as long as its statement runs.
class NamedSource {
 public:
  NamedSource(SourceRegistry& registry, RowSource* source) : registry_(registry) {
    if (source != nullptr) id_ = registry_.add(*source);
  }
  ~NamedSource() {
    if (id_ != 0) registry_.remove(id_);
  }
  NamedSource(const NamedSource&) = delete;
  NamedSource& operator=(const NamedSource&) = delete;

  std::string named_in(const std::string& sql) const {
    const auto at = sql.find("{rows}");
    if (id_ == 0 || at == std::string::npos) return sql;
    return std::string(sql).replace(at, 6, fmt::format("millrace_rows({})", id_));
  }
  /// The source's own error where it had one: it knows more than the engine.
  Error better(Error error) const {
    if (id_ == 0) return error;
    auto own = registry_.take_error(id_);
    return own ? *std::move(own) : error;
  }

 private:
  SourceRegistry& registry_;
  std::int64_t id_ = 0;
};

class DuckDbSession final : public Session {
 public:
  DuckDbSession(ConnectionHandle connection, DatabaseState& state)
      : state_(state), connection_(std::move(connection)) {}

  Result<Rows> query(const Statement& statement) override {
    if (inside_) MR_FAILPOINT("warehouse.statement.before");
    MR_TRY(const ResultHandle result, execute(statement));
    return collect(statement, result);
  }

  Status read(const Statement& statement, const BatchSink& sink) override {
    MR_TRY(const ResultHandle result, execute(statement));
    return drain(statement, result, sink);
  }

  Status commit(const Batch& batch) override {
    if (inside_) return nested(batch.id);
    MR_CHECK(begin());
    if (auto done = run_all(batch); !done) return rolled_back(std::move(done).error(), batch.id);
    return finish(batch.id);
  }

  Status transact(const std::string& id, const std::function<Status()>& work) override {
    if (inside_) return nested(id);
    MR_CHECK(begin());
    inside_ = true;
    Status done = work();
    inside_ = false;
    if (!done) return rolled_back(std::move(done).error(), id);
    return finish(id);
  }

  Result<std::vector<Column>> columns_of(const std::string& query) override {
    const Statement statement{"columns of a query", "SELECT * FROM (" + query + ") LIMIT 0"};
    MR_TRY(ResultHandle result, execute(statement));
    std::vector<Column> out;
    for (idx_t c = 0; c < duckdb_column_count(result.out()); ++c) {
      const TypeHandle type(duckdb_column_logical_type(result.out(), c));
      out.push_back({duckdb_column_name(result.out(), c), from_logical(type.get())});
    }
    return out;
  }

  Result<RelationKind> kind_of(const RelationName& relation) override {
    MR_TRY(const Rows rows,
           query({"kind of a relation",
                  "SELECT table_type FROM information_schema.tables WHERE lower(table_schema) = lower($1) "
                  "AND lower(table_name) = lower($2)",
                  {relation.schema, relation.name}}));
    if (rows.rows.empty()) return RelationKind::none;
    return to_text(rows.rows[0][0]) == "VIEW" ? RelationKind::view : RelationKind::table;
  }

  void interrupt() override { duckdb_interrupt(connection_.get()); }
  const Dialect& dialect() const override {
    static const DuckDbDialect the_dialect;
    return the_dialect;
  }

 private:
  /// `message` may be none.
  Error failed(std::string_view what, const char* message) const {
    const std::string_view text = message == nullptr ? "" : message;
    if (has_stopped(text)) state_.stopped.store(true);
    return to_error(what, text);
  }

  Status run_text(std::string_view what, const char* sql) {
    ResultHandle result;
    if (duckdb_query(connection_.get(), sql, result.out()) == DuckDBSuccess) return ok();
    return failed(what, duckdb_result_error(result.out()));
  }

  Status begin() {
    MR_FAILPOINT("warehouse.begin.before");
    return run_text("begin transaction", "BEGIN TRANSACTION");
  }

  Status finish(const std::string& id) {
    if (auto s = failpoint::pass("warehouse.commit.before"); !s) return rolled_back(std::move(s).error(), id);
    if (auto s = run_text("commit", "COMMIT"); !s) return not_committed(std::move(s).error(), id);
    if (auto s = failpoint::pass("warehouse.commit.after"); !s)
      return Error{ErrorKind::commit_unknown,
                   fmt::format("{}: the answer to the commit was lost", id),
                   std::string(kAskAgain),
                   {}};
    return ok();
  }

  static Error nested(const std::string& id) {
    return {ErrorKind::internal,
            fmt::format("{}: a transaction was begun inside another one of the same session", id),
            "this is a bug in Millrace: please report it",
            {}};
  }

  Status run_all(const Batch& batch) {
    for (const Statement& statement : batch.statements) {
      MR_FAILPOINT("warehouse.statement.before");
      if (auto s = run_one(statement); !s) return std::move(s).error().within(batch.id);
    }
    return batch.before_commit ? batch.before_commit() : ok();
  }

  Status run_one(const Statement& statement) {
    if (statement.before) {
      Statement ready = statement;
      ready.before = {};
      MR_CHECK(statement.before(ready));
      return ready.sql.empty() ? ok() : run_one(ready);
    }
    const auto start = std::chrono::steady_clock::now();
    MR_TRY(ResultHandle result, execute(statement));
    const auto affected = static_cast<std::int64_t>(duckdb_rows_changed(result.out()));
    if (statement.on_rows) {
      MR_TRY(const Rows rows, collect(statement, result));
      MR_CHECK(statement.on_rows(rows));
    }
    if (statement.expect_affected && affected != *statement.expect_affected)
      return Error{
          ErrorKind::conflict,
          fmt::format("{}: changed {} rows, expected {}", statement.name, affected, *statement.expect_affected),
          "another transaction moved first",
          {}};
    const auto elapsed =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);
    log::event("statement_done", log::Level::debug,
               {{"name", statement.name}, {"ms", elapsed.count()}, {"affected", affected}});
    if (statement.on_done) statement.on_done({affected, elapsed});
    return ok();
  }

  Error rolled_back(Error error, const std::string& id) {
    if (auto s = run_text("rollback", "ROLLBACK"); !s) error.trail.push_back(id + ": " + s.error().message);
    return error;
  }

  /// A conflict or a broken constraint at commit is a clean no. Anything else may have happened.
  Error not_committed(Error error, const std::string& id) {
    if (error.kind == ErrorKind::conflict || error.kind == ErrorKind::contract_violation)
      return rolled_back(std::move(error), id);
    (void)run_text("rollback", "ROLLBACK");
    error.kind = ErrorKind::commit_unknown;
    if (error.hint.empty()) error.hint = kAskAgain;
    return error;
  }

  Result<ResultHandle> execute(const Statement& statement) {
    const NamedSource source(state_.registry, statement.source);
    const std::string sql = source.named_in(statement.sql);
    PreparedHandle own;
    duckdb_prepared_statement prepared = nullptr;
    if (statement.reusable) {
      MR_TRY(prepared, reusable(statement.name, sql));
    } else {
      MR_TRY(own, prepare(statement.name, sql));
      prepared = own.get();
    }
    for (std::size_t i = 0; i < statement.params.size(); ++i)
      if (!bind(prepared, i + 1, statement.params[i]))
        return Error{
            ErrorKind::internal, fmt::format("{}: parameter {} cannot be bound", statement.name, i + 1), {}, {}};
    ResultHandle result;
    if (duckdb_execute_prepared(prepared, result.out()) == DuckDBSuccess) return result;
    return source.better(failed(statement.name, duckdb_result_error(result.out())));
  }

  Result<PreparedHandle> prepare(const std::string& name, const std::string& sql) {
    PreparedHandle prepared;
    if (duckdb_prepare(connection_.get(), sql.c_str(), prepared.out()) == DuckDBSuccess) return prepared;
    return failed(name, duckdb_prepare_error(prepared.get()));
  }

  Result<duckdb_prepared_statement> reusable(const std::string& name, const std::string& sql) {
    if (const auto it = prepared_.find(sql); it != prepared_.end()) return it->second.get();
    if (prepared_.size() >= 64) prepared_.clear();  // texts change with each generation
    MR_TRY(PreparedHandle fresh, prepare(name, sql));
    return prepared_.emplace(sql, std::move(fresh)).first->second.get();
  }

  static bool bind(duckdb_prepared_statement prepared, idx_t index, const Value& value) {
    struct {
      duckdb_prepared_statement p;
      idx_t i;
      duckdb_state operator()(std::monostate) const { return duckdb_bind_null(p, i); }
      duckdb_state operator()(bool v) const { return duckdb_bind_boolean(p, i, v); }
      duckdb_state operator()(std::int64_t v) const { return duckdb_bind_int64(p, i, v); }
      duckdb_state operator()(double v) const { return duckdb_bind_double(p, i, v); }
      duckdb_state operator()(const std::string& v) const {
        return duckdb_bind_varchar_length(p, i, v.data(), v.size());
      }
    } visitor{prepared, index};
    return std::visit(visitor, value) == DuckDBSuccess;
  }

  static Status drain(const Statement& statement, const ResultHandle& result, const BatchSink& sink) {
    duckdb_result raw = result.get();
    std::vector<ColumnType> types;
    for (idx_t c = 0; c < duckdb_column_count(&raw); ++c) {
      const TypeHandle type(duckdb_column_logical_type(&raw, c));
      types.push_back(from_logical(type.get()));
      if (types.back().kind == TypeKind::other)
        return Error{ErrorKind::unsupported,
                     fmt::format("{}: column {} has a type that only a cast to text makes readable", statement.name,
                                 duckdb_column_name(&raw, c)),
                     {},
                     {}};
    }
    std::vector<ColumnView> views(types.size());
    while (true) {
      ChunkHandle chunk(duckdb_fetch_chunk(raw));
      if (chunk.get() == nullptr) return ok();
      const idx_t rows = duckdb_data_chunk_get_size(chunk.get());
      if (rows == 0) return ok();
      for (std::size_t c = 0; c < types.size(); ++c)
        views[c] = view_of(duckdb_data_chunk_get_vector(chunk.get(), c), types[c]);
      MR_CHECK(sink(views, rows));
    }
  }

  static Result<Rows> collect(const Statement& statement, const ResultHandle& result) {
    Rows out;
    duckdb_result raw = result.get();
    for (idx_t c = 0; c < duckdb_column_count(&raw); ++c) out.columns.emplace_back(duckdb_column_name(&raw, c));
    MR_CHECK(drain(statement, result, [&out](std::span<const ColumnView> columns, std::size_t rows) {
      for (std::size_t r = 0; r < rows; ++r) {
        auto& row = out.rows.emplace_back();
        for (const ColumnView& column : columns) row.push_back(value_at(column, r));
      }
      return ok();
    }));
    return out;
  }

  DatabaseState& state_;
  ConnectionHandle connection_;
  bool inside_ = false;                                       // the work of transact() runs
  std::unordered_map<std::string, PreparedHandle> prepared_;  // after the connection: freed before it
};

}  // namespace

std::unique_ptr<Session> make_session(ConnectionHandle connection, DatabaseState& state) {
  return std::make_unique<DuckDbSession>(std::move(connection), state);
}

}  // namespace millrace::warehouse::duckdb
