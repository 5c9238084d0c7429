#include "warehouse/duckdb/parquet_reader.h"

#include <duckdb.h>
#include <fmt/format.h>

#include "base/words.h"
#include "warehouse/dialect.h"
#include "warehouse/duckdb/handles.h"
#include "warehouse/duckdb/types.h"
#include "warehouse/sql.gen.h"
#include "warehouse/statement.h"

namespace millrace::warehouse::duckdb {
namespace {

Error unreadable(const char* message) {
  return {ErrorKind::contract_violation, message == nullptr ? "the engine gives no reason" : message, {}, {}};
}

struct Quoting final : StandardDialect {
  std::string_view name() const override { return "duckdb"; }
};

/// An engine that can reach nothing but the one file.
struct SealedEngine {
  DatabaseHandle database;
  ConnectionHandle connection;

  Status open(const std::string& path, std::uint64_t memory_bytes) {
    ConfigHandle config;
    if (duckdb_create_config(config.out()) != DuckDBSuccess) return unreadable("no engine");
    const std::pair<const char*, std::string> settings[] = {{"autoinstall_known_extensions", "false"},
                                                            {"autoload_known_extensions", "false"},
                                                            {"threads", "1"},
                                                            {"memory_limit", fmt::format("{}B", memory_bytes)}};
    for (const auto& [name, value] : settings)
      if (duckdb_set_config(config.get(), name, value.c_str()) != DuckDBSuccess) return unreadable(name);
    char* message = nullptr;
    if (duckdb_open_ext(":memory:", database.out(), config.get(), &message) != DuckDBSuccess) {
      Error e = unreadable(message);
      duckdb_free(message);
      return e;
    }
    if (duckdb_connect(database.get(), connection.out()) != DuckDBSuccess) return unreadable("no connection");
    MR_TRY(ResultHandle sealed, run(fill(sql::seal_engine, {{"path", path}})));
    return ok();
  }

  Result<ResultHandle> run(const std::string& text) {
    ResultHandle result;
    if (duckdb_query(connection.get(), text.c_str(), result.out()) == DuckDBSuccess) return result;
    return unreadable(duckdb_result_error(result.out()));
  }
};

ParquetColumn::Kind kind_of(duckdb_type type) {
  switch (type) {
    case DUCKDB_TYPE_BOOLEAN:
    case DUCKDB_TYPE_TINYINT:
    case DUCKDB_TYPE_SMALLINT:
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_BIGINT:
    case DUCKDB_TYPE_UTINYINT:
    case DUCKDB_TYPE_USMALLINT:
    case DUCKDB_TYPE_UINTEGER:
    case DUCKDB_TYPE_UBIGINT:
    case DUCKDB_TYPE_HUGEINT:
    case DUCKDB_TYPE_UHUGEINT:
    case DUCKDB_TYPE_FLOAT:
    case DUCKDB_TYPE_DOUBLE:
    case DUCKDB_TYPE_DECIMAL: return ParquetColumn::Kind::number;
    case DUCKDB_TYPE_DATE:
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_TIMESTAMP_S:
    case DUCKDB_TYPE_TIMESTAMP_MS:
    case DUCKDB_TYPE_TIMESTAMP_NS:
    case DUCKDB_TYPE_TIMESTAMP_TZ: return ParquetColumn::Kind::time;
    default: return ParquetColumn::Kind::text;
  }
}

/// What gives the column as text.
std::string text_of(const std::string& quoted, duckdb_type type) {
  switch (type) {
    case DUCKDB_TYPE_VARCHAR:
    case DUCKDB_TYPE_BLOB: return quoted;
    case DUCKDB_TYPE_LIST:
    case DUCKDB_TYPE_ARRAY:
    case DUCKDB_TYPE_STRUCT:
    case DUCKDB_TYPE_MAP:
    case DUCKDB_TYPE_UNION: return fmt::format("CAST(to_json({}) AS VARCHAR)", quoted);
    default: return fmt::format("CAST({} AS VARCHAR)", quoted);
  }
}

Result<std::int64_t> rows_of(SealedEngine& engine, const std::string& path) {
  MR_TRY(ResultHandle result, engine.run(fill(sql::parquet_rows, {{"path", path}})));
  ChunkHandle chunk(duckdb_fetch_chunk(result.get()));
  if (chunk.get() == nullptr || duckdb_data_chunk_get_size(chunk.get()) != 1)
    return unreadable("the file says nothing of its rows");
  return view_of(duckdb_data_chunk_get_vector(chunk.get(), 0), {TypeKind::int64}).at<std::int64_t>(0);
}

/// The rows as they come: a result of any size is never held.
Result<std::int64_t> stream(SealedEngine& engine, const std::string& text, std::size_t columns,
                            const ParquetSink& sink) {
  PreparedHandle prepared;
  if (duckdb_prepare(engine.connection.get(), text.c_str(), prepared.out()) != DuckDBSuccess)
    return unreadable(duckdb_prepare_error(prepared.get()));
  ResultHandle result;
  if (duckdb_execute_prepared_streaming(prepared.get(), result.out()) != DuckDBSuccess)
    return unreadable(duckdb_result_error(result.out()));
  std::vector<ColumnView> views(columns);
  std::int64_t total = 0;
  while (true) {
    ChunkHandle chunk(duckdb_fetch_chunk(result.get()));
    const idx_t rows = chunk.get() == nullptr ? 0 : duckdb_data_chunk_get_size(chunk.get());
    if (rows == 0) break;
    for (std::size_t c = 0; c < columns; ++c)
      views[c] = view_of(duckdb_data_chunk_get_vector(chunk.get(), c), {TypeKind::blob});
    MR_CHECK(sink.on_rows(views, rows));
    total += static_cast<std::int64_t>(rows);
  }
  if (const char* message = duckdb_result_error(result.out()); message != nullptr) return unreadable(message);
  return total;
}

}  // namespace

Status read_parquet(const std::string& file, std::uint64_t memory_bytes, const ParquetSink& sink) {
  const Quoting dialect;
  const std::string path = dialect.literal(file);
  SealedEngine engine;
  MR_CHECK(engine.open(path, memory_bytes));
  MR_TRY(ResultHandle shape, engine.run(fill(sql::read_parquet, {{"columns", "*"}, {"path", path}}) + " LIMIT 0"));
  std::vector<ParquetColumn> columns;
  std::vector<std::string> texts;
  for (idx_t c = 0; c < duckdb_column_count(shape.out()); ++c) {
    const char* name = duckdb_column_name(shape.out(), c);
    const duckdb_type type = duckdb_column_type(shape.out(), c);
    columns.push_back({kind_of(type), name});
    texts.push_back(text_of(dialect.quote(name), type));
  }
  MR_TRY(const std::int64_t expected, rows_of(engine, path));
  MR_CHECK(sink.on_columns(columns));
  MR_TRY(
      const std::int64_t total,
      stream(engine, fill(sql::read_parquet, {{"columns", join(texts, ", ")}, {"path", path}}), columns.size(), sink));
  if (total == expected) return ok();
  return Error{ErrorKind::contract_violation,
               fmt::format("found {}, expected {} as the file says", counted(total, "row"), expected),
               {},
               {}};
}

}  // namespace millrace::warehouse::duckdb
