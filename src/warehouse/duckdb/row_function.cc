#include "warehouse/duckdb/row_function.h"

#include <array>
#include <cstring>
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include "warehouse/duckdb/handles.h"
#include "warehouse/duckdb/types.h"

namespace millrace::warehouse::duckdb {
namespace {

constexpr std::size_t kMaskWords = kBatchRows / 64;

struct Bound {
  SourceRegistry* registry;  // borrows; outlives the database
  RowSource* source;         // borrows; outlives the statement
  std::int64_t id;
};

/// One thread's share of the scan.
struct Local {
  std::unique_ptr<RowCursor> cursor;
  std::vector<std::array<std::uint64_t, kMaskWords>> masks;
  std::vector<ColumnBuffer> buffers;
};

template <class T>
void destroy(void* p) {
  delete static_cast<T*>(p);
}

void bind(duckdb_bind_info info) {
  auto* registry = static_cast<SourceRegistry*>(duckdb_bind_get_extra_info(info));
  ValueHandle id(duckdb_bind_get_parameter(info, 0));
  const std::int64_t number = duckdb_get_int64(id.get());
  RowSource* source = registry->find(number);
  if (source == nullptr) {
    duckdb_bind_set_error(info, "millrace_rows is for millrace's own statements");
    return;
  }
  for (const Column& column : source->columns())
    duckdb_bind_add_result_column(info, column.name.c_str(), to_logical(column.type).get());
  duckdb_bind_set_bind_data(info, new Bound{registry, source, number}, destroy<Bound>);
}

void init(duckdb_init_info info) {
  const auto* bound = static_cast<const Bound*>(duckdb_init_get_bind_data(info));
  duckdb_init_set_max_threads(info, bound->source->most_cursors());
}

void init_local(duckdb_init_info info) {
  const auto* bound = static_cast<const Bound*>(duckdb_init_get_bind_data(info));
  auto cursor = bound->source->open();
  if (!cursor) {
    duckdb_init_set_error(info, cursor.error().message.c_str());
    bound->registry->set_error(bound->id, std::move(cursor).error());
    return;
  }
  auto local = std::make_unique<Local>();
  local->cursor = *std::move(cursor);
  local->masks.resize(bound->source->columns().size());
  local->buffers.resize(local->masks.size());
  duckdb_init_set_init_data(info, local.release(), destroy<Local>);
}

Result<std::size_t> next_guarded(RowCursor& cursor, std::span<ColumnBuffer> buffers) {
  try {
    return cursor.next(buffers);
  } catch (const std::exception& e) {  // e.g. bad_alloc: must not unwind through the engine's C frames
    return Error{ErrorKind::internal, std::string("reading rows: ") + e.what(), {}, {}};
  }
}

void pull(duckdb_function_info info, duckdb_data_chunk output) {
  const auto* bound = static_cast<const Bound*>(duckdb_function_get_bind_data(info));
  auto* local = static_cast<Local*>(duckdb_function_get_local_init_data(info));
  const std::size_t columns = local->buffers.size();
  for (std::size_t c = 0; c < columns; ++c) {
    local->masks[c].fill(~std::uint64_t{0});
    local->buffers[c] = {duckdb_vector_get_data(duckdb_data_chunk_get_vector(output, c)), local->masks[c].data(),
                         false};
  }
  const auto rows = next_guarded(*local->cursor, local->buffers);
  if (!rows) {
    duckdb_function_set_error(info, rows.error().message.c_str());
    bound->registry->set_error(bound->id, rows.error());
    return;
  }
  for (std::size_t c = 0; c < columns; ++c) {
    if (!local->buffers[c].has_nulls) continue;
    duckdb_vector vector = duckdb_data_chunk_get_vector(output, c);
    duckdb_vector_ensure_validity_writable(vector);
    std::memcpy(duckdb_vector_get_validity(vector), local->masks[c].data(), (*rows + 63) / 64 * sizeof(std::uint64_t));
  }
  duckdb_data_chunk_set_size(output, *rows);
}

}  // namespace

std::int64_t SourceRegistry::add(RowSource& source) {
  const std::lock_guard lock(mutex_);
  sources_.emplace(next_id_, &source);
  return next_id_++;
}

void SourceRegistry::remove(std::int64_t id) {
  const std::lock_guard lock(mutex_);
  sources_.erase(id);
  errors_.erase(id);
}

RowSource* SourceRegistry::find(std::int64_t id) {
  const std::lock_guard lock(mutex_);
  const auto it = sources_.find(id);
  return it == sources_.end() ? nullptr : it->second;
}

void SourceRegistry::set_error(std::int64_t id, Error error) {
  const std::lock_guard lock(mutex_);
  errors_.emplace(id, std::move(error));  // the first one: later ones are its echo
}

std::optional<Error> SourceRegistry::take_error(std::int64_t id) {
  const std::lock_guard lock(mutex_);
  const auto it = errors_.find(id);
  if (it == errors_.end()) return std::nullopt;
  Error error = std::move(it->second);
  errors_.erase(it);
  return error;
}

bool register_row_function(duckdb_connection connection, SourceRegistry& registry) {
  TableFunctionHandle function(duckdb_create_table_function());
  duckdb_table_function_set_name(function.get(), "millrace_rows");
  TypeHandle id(duckdb_create_logical_type(DUCKDB_TYPE_BIGINT));
  duckdb_table_function_add_parameter(function.get(), id.get());
  duckdb_table_function_set_extra_info(function.get(), &registry, nullptr);
  duckdb_table_function_set_bind(function.get(), bind);
  duckdb_table_function_set_init(function.get(), init);
  duckdb_table_function_set_local_init(function.get(), init_local);
  duckdb_table_function_set_function(function.get(), pull);
  return duckdb_register_table_function(connection, function.get()) == DuckDBSuccess;
}

}  // namespace millrace::warehouse::duckdb
