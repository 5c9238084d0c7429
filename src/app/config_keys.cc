#include <array>

#include "app/config.h"

namespace millrace::app {
namespace {

constexpr std::array kKeys{
    ConfigKey{"name", "text", "", true, "The project's name."},
    ConfigKey{"lake.url", "path", "./lake", false, "The lake: a folder, relative to the project. Files land below it."},
    ConfigKey{"sources.<name>.files", "pattern", "", true,
              "Which files belong to the source, below the lake: landing/orders/*.csv. * and ? stop at a slash."},
    ConfigKey{"sources.<name>.contract", "path", "", true, "The source's ODCS v3.1 contract, relative to the project."},
    ConfigKey{"sources.<name>.table", "schema.name", "", true, "The landing table; created from the contract."},
    ConfigKey{"sources.<name>.format", "csv | ndjson | parquet", "csv", false,
              "How the files are written: delimited text, one JSON object in each line, or Parquet."},
    ConfigKey{"sources.<name>.on_reject", "quarantine | fail_file", "quarantine", false,
              "A file with broken records: load the good ones, or refuse the whole file."},
    ConfigKey{"sources.<name>.reject_limit", "percent", "", false,
              "Share of broken records above which the whole file is refused: 5%. Without it there is no limit."},
    ConfigKey{"sources.<name>.on_new_bytes", "replace | append | refuse", "replace", false,
              "Other bytes under a known name: replace exactly that file's rows, add rows, or refuse the file."},
    ConfigKey{"sources.<name>.delimiter", "character", ",", false,
              "The character between fields; tab for a tabulator."},
    ConfigKey{"sources.<name>.csv.encoding", "utf-8 | latin-1 | cp1252 | utf-16 | utf-16le | utf-16be", "utf-8", false,
              "The files' character encoding. utf-16 takes its byte order from the mark at the begin."},
    ConfigKey{"sources.<name>.limits.max_unpacked", "size", "64GiB", false,
              "Most bytes that a packed file may unpack to; a larger one is refused."},
    ConfigKey{"sources.<name>.limits.max_ratio", "number", "200", false,
              "Most unpacked bytes for each packed one, judged from 16 MiB on: protects from decompression bombs."},
    ConfigKey{"warehouse.url", "url", "duckdb:./warehouse.duckdb", false,
              "The embedded warehouse: duckdb: and a file, relative to the project."},
    ConfigKey{"warehouse.memory_limit", "size", "", false,
              "Most memory of the engine: 4GiB. Without it the engine decides."},
    ConfigKey{"warehouse.threads", "number", "0", false,
              "Threads of the engine and of the reader; 0: as many as the machine has."},
    ConfigKey{"pipelines.<name>.schedule", "on_arrival", "on_arrival", false, "When the pipeline runs."},
    ConfigKey{"pipelines.<name>.sensor.poke_interval", "duration", "1s", false,
              "Between two listings of the landing folders. A file system event wakes up earlier."},
    ConfigKey{"pipelines.<name>.sensor.stable_for", "duration", "300ms", false,
              "How long a file's bytes must have been unchanged before it is taken. A file that somebody still has "
              "open for writing waits longer."},
    ConfigKey{"serve.listen", "host:port", "127.0.0.1:8080", false, "Where the API listens."},
    ConfigKey{"serve.threads", "number", "0", false, "Threads of the API; 0: as many as the machine has."},
    ConfigKey{"serve.endpoints.<path>.relation", "schema.name", "", true,
              "What the endpoint serves: a model's table or view."},
    ConfigKey{"serve.endpoints.<path>.key", "column", "", true,
              "The column that names one row: unique, never NULL. Pages are in its order."},
};

}  // namespace

std::span<const ConfigKey> config_keys() { return kKeys; }

std::string_view default_of(std::string_view path) {
  for (const ConfigKey& key : kKeys)
    if (key.path == path) return key.otherwise;
  MR_INVARIANT(false, "every key that is read stands in the table");
}

}  // namespace millrace::app
