#include "warehouse/duckdb/database.h"

#include <duckdb.h>
#include <fmt/format.h>

#include "base/failpoint.h"
#include "warehouse/duckdb/errors.h"
#include "warehouse/duckdb/handles.h"
#include "warehouse/duckdb/row_function.h"
#include "warehouse/duckdb/session.h"

namespace millrace::warehouse::duckdb {
namespace {

class Database final : public Warehouse {
 public:
  Result<std::unique_ptr<Session>> connect() override {
    ConnectionHandle connection;
    if (duckdb_connect(handle.get(), connection.out()) != DuckDBSuccess)
      return Error{ErrorKind::unavailable, "the embedded database takes no further connection", {}, {}};
    return make_session(std::move(connection), state);
  }
  std::string engine() const override { return "DuckDB " + library_version(); }
  bool stopped() const override { return state.stopped.load(std::memory_order_relaxed); }

  DatabaseState state;  // declared first: the database, destroyed first, refers to it
  DatabaseHandle handle;
};

Status set(ConfigHandle& config, const char* name, const std::string& value) {
  if (duckdb_set_config(config.get(), name, value.c_str()) == DuckDBSuccess) return ok();
  return Error{
      ErrorKind::internal, fmt::format("the embedded database refuses the setting {}={}", name, value), {}, {}};
}

}  // namespace

std::string library_version() { return duckdb_library_version(); }

Result<std::unique_ptr<Warehouse>> open(const Options& options) {
  MR_FAILPOINT("warehouse.open.before");
  ConfigHandle config;
  if (duckdb_create_config(config.out()) != DuckDBSuccess)
    return Error{ErrorKind::internal, "the embedded database gives no configuration", {}, {}};
  MR_CHECK(set(config, "autoinstall_known_extensions", "false"));
  MR_CHECK(set(config, "autoload_known_extensions", "false"));
  // Rows of a load come from several threads; SQL promises no order without ORDER BY, and an
  // ordered CREATE TABLE AS keeps its order all the same.
  MR_CHECK(set(config, "preserve_insertion_order", "false"));
  // The format that new files get; DuckDB's own choice is one that version 0.10 can read. This one compresses
  // strings in one pass and not in two, which makes a load a third faster. Read by DuckDB 1.4 and later.
  MR_CHECK(set(config, "storage_compatibility_version", "v1.4.0"));
  if (options.read_only) MR_CHECK(set(config, "access_mode", "READ_ONLY"));
  if (options.threads > 0) MR_CHECK(set(config, "threads", std::to_string(options.threads)));
  if (options.memory_limit_bytes)
    MR_CHECK(set(config, "memory_limit", fmt::format("{}B", *options.memory_limit_bytes)));
  auto database = std::make_unique<Database>();
  char* message = nullptr;
  if (duckdb_open_ext(options.path.c_str(), database->handle.out(), config.get(), &message) != DuckDBSuccess) {
    Error error = to_error("opening " + options.path, message == nullptr ? "" : message);
    duckdb_free(message);
    return error;
  }
  ConnectionHandle connection;
  if (duckdb_connect(database->handle.get(), connection.out()) != DuckDBSuccess ||
      !register_row_function(connection.get(), database->state.registry))
    return Error{ErrorKind::internal, "the embedded database takes no table function", {}, {}};
  return std::unique_ptr<Warehouse>(std::move(database));
}

}  // namespace millrace::warehouse::duckdb
