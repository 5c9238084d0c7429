#include "app/runtime.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <thread>

#include "app/lake_store.h"
#include "app/warehouse_file.h"
#include "base/log.h"
#include "base/machine.h"
#include "base/words.h"
#include "serve/snapshot.h"
#include "warehouse/duckdb/database.h"

namespace millrace::app {
namespace {

/// The generation that is served and the one before it, which a slow reader may still be on.
constexpr std::int64_t kGenerationsKept = 2;

unsigned or_cores(unsigned threads) {
  return threads > 0 ? threads : std::max(1U, std::thread::hardware_concurrency());
}

/// Changes whenever a publish would make other tables for the server.
std::string described(const std::vector<serve::Endpoint>& endpoints) {
  std::string text;
  for (const serve::Endpoint& e : endpoints) text += fmt::format("{}\n{}\n{}\n", e.path, e.relation, e.key);
  return text;
}

}  // namespace

transform::Environment process_environment() {
  return [](std::string_view name) -> std::optional<std::string> {
    const char* value = std::getenv(std::string(name).c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
}

Result<std::unique_ptr<Runtime>> Runtime::open(const std::string& folder, Reporter& reporter, bool rebuild) {
  MR_TRY(Config config, load_config(folder));
  auto runtime = std::unique_ptr<Runtime>(new Runtime(std::move(config)));
  MR_CHECK(runtime->wire(reporter, rebuild));
  return runtime;
}

Status Runtime::wire(Reporter& reporter, bool rebuild) {
  MR_TRY(std::vector<ingest::Source> sources, load_sources(config_));
  MR_TRY(OpenedLake lake, open_lake(config_, system_clock()));
  store_ = std::move(lake.store);
  tiers_ = lake.tiers;
  if (rebuild) {
    MR_TRY(const std::string aside, set_warehouse_aside(config_, system_clock()));
    if (!aside.empty())
      reporter.say(
          fmt::format("the warehouse is now {}; a new one is loaded from processed/. Delete the old one when "
                      "you no longer want it",
                      aside));
  }
  MR_TRY(warehouse_, warehouse::ReopeningWarehouse::start([this] { return open_warehouse(config_, system_clock()); }));
  MR_TRY(session_, warehouse_->connect());
  schedule::PipelineParts parts;
  parts.session = session_.get();
  parts.store = store_.get();
  parts.clock = &system_clock();
  parts.observer = &reporter;
  parts.sources = std::move(sources);
  parts.project_folder = config_.folder.string();
  parts.database = config_.warehouse.stem().string();
  parts.environment = process_environment();
  parts.snowflake = config_.snowflake;
  parts.seed = std::random_device{}() | (std::uint64_t{std::random_device{}()} << 32);
  parts.spool = spool_of(config_).string();
  parts.threads = or_cores(config_.threads);
  parts.room_for = [this](const std::string& key, std::uint64_t bytes) -> Status {
    if (config_.keep_free_bytes == 0) return ok();
    MR_TRY(const std::uint64_t free_bytes, free_bytes_at(config_.warehouse.parent_path()));
    return room_for(config_, free_bytes, key, bytes);
  };
  parts.served_as = described(config_.endpoints);
  parts.at_publish = [this](std::int64_t generation) {
    return serve::snapshot_statements(session_->dialect(), config_.endpoints, generation);
  };
  pipeline_ = std::make_unique<schedule::Pipeline>(std::move(parts));
  return pipeline_->prepare();
}

std::vector<std::string> Runtime::endpoint_paths() const {
  std::vector<std::string> out;
  for (const serve::Endpoint& e : config_.endpoints) out.push_back(e.path);
  return out;
}

ingest::Tidier Runtime::tidier() { return {*session_, *store_, tiers_, system_clock(), config_.tiers}; }

Result<std::unique_ptr<serve::HttpServer>> Runtime::start_server(const std::string& listen) {
  MR_TRY(const schedule::Generation g, pipeline_->generation());
  if (g.number > 0) MR_CHECK(serve_generation(g.number));
  serve::ServerOptions options;
  options.listen = listen.empty() ? config_.listen : listen;
  options.threads = or_cores(config_.serve_threads);
  return serve::HttpServer::start(options, *warehouse_, published_);
}

Status Runtime::serve_generation(std::int64_t generation) {
  MR_TRY(const schedule::Generation newest, pipeline_->generation());
  MR_TRY(auto published, serve::read_published(*session_, config_.endpoints, generation, newest.published_at));
  held_[generation] = published;
  published_.set(std::move(published));
  std::erase_if(held_, [](const auto& entry) { return entry.second.expired(); });
  const std::int64_t oldest = std::min(held_.begin()->first, generation - kGenerationsKept + 1);
  if (auto s = serve::drop_older(*session_, oldest); !s)
    log::event("drop_postponed", log::Level::debug, {{"reason", s.error().message}});
  return ok();
}

Result<bool> Runtime::recover() {
  if (!down_ && !warehouse_->stopped()) return false;
  if (!std::exchange(down_, true))
    log::event("engine_stopped", log::Level::warn, {{"path", config_.warehouse.string()}});
  if (auto done = reopen(); !done) {
    if (!reads_only_ || warehouse_->stopped())
      reads_only_ = warehouse_->reopen([this] { return open_warehouse_to_read(config_); }).has_value();
    return std::move(done).error();
  }
  down_ = false;
  log::event("engine_reopened", log::Level::warn, {{"path", config_.warehouse.string()}});
  return true;
}

Status Runtime::reopen() {
  // Without room the next write would stop it again: reads go on meanwhile.
  MR_TRY(const std::uint64_t free_bytes, free_bytes_at(config_.warehouse.parent_path()));
  if (reads_only_ && !warehouse_->stopped()) MR_CHECK(room_for(config_, free_bytes, "", 0));
  reads_only_ = false;
  MR_CHECK(warehouse_->reopen([this] { return open_warehouse(config_, system_clock()); }));
  MR_CHECK(pipeline_->prepare());
  MR_TRY(const schedule::Generation g, pipeline_->generation());
  return g.number > 0 ? serve_generation(g.number) : ok();
}

}  // namespace millrace::app
