#pragma once
/// \file app/config.h
/// millrace.yaml: one table of keys that the reader, the defaults and docs/reference/config.md share.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/config_lake.h"
#include "base/result.h"
#include "ingest/source.h"
#include "lake/tiers/tiers.h"
#include "serve/published.h"

namespace millrace::app {

/// One key of the project file. `<name>` stands for a name of the user's.
struct ConfigKey {
  std::string_view path;       ///< "sources.<name>.on_reject"
  std::string_view type;       ///< "text", "path", "duration", "quarantine | fail_file"
  std::string_view otherwise;  ///< the default as written; "" where the key is required or has none
  bool required;
  std::string_view help;
};
std::span<const ConfigKey> config_keys();
/// Requires: the key is in the table.
std::string_view default_of(std::string_view path);

struct SourceConfig {
  std::string name, files, contract_path, table;
  ingest::OnReject on_reject{};
  ingest::OnNewBytes on_new_bytes{};
  std::optional<double> reject_limit;
  std::size_t most_rejects = 0;
  ingest::OnEmpty on_empty{};
  ingest::OnDuplicateKey on_duplicate_key{};
  std::string newest_by;  ///< "": the later load
  SchemaPolicy schema_policy;
  lake::csv::Dialect dialect;
  lake::FileOptions file;
  bool pack_archive = false;
  ingest::SensorOptions sensor;
};

/// Paths are absolute.
struct Config {
  std::string name;
  std::filesystem::path folder, warehouse;
  LakeConfig lake;
  std::optional<std::uint64_t> memory_limit_bytes;
  std::uint64_t keep_free_bytes = 0;  ///< on the warehouse's disk; 0: do not look
  unsigned threads = 0;               ///< 0: as many as the machine has
  bool snowflake = false;             ///< compat: snowflake
  std::vector<SourceConfig> sources;
  lake::Tiers tiers;
  ingest::SensorOptions sensor;  ///< what a source does not say itself
  std::string listen;
  unsigned serve_threads = 0;  ///< 0: as many as the machine has
  std::vector<serve::Endpoint> endpoints;
};

/// Reads `folder`/millrace.yaml. Errors: not_found with a hint; invalid_input at file:line:column;
/// unsupported for what a later version brings.
Result<Config> load_config(const std::filesystem::path& folder);

/// The sources with their contracts read. Errors: those of the contracts.
Result<std::vector<ingest::Source>> load_sources(const Config& config);

}  // namespace millrace::app
