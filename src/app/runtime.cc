#include "app/runtime.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <thread>

#include "base/log.h"
#include "base/words.h"
#include "lake/local/local_store.h"
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

Result<std::unique_ptr<warehouse::Warehouse>> open_warehouse(const Config& config) {
  auto opened = warehouse::duckdb::open({config.warehouse.string(), config.threads, config.memory_limit_bytes});
  if (opened || opened.error().kind != ErrorKind::conflict) return opened;
  Error e = std::move(opened).error();
  e.message = fmt::format("{} is open in another process: {}", config.warehouse.string(), e.message);
  e.hint =
      "a running `millrace up` loads, builds and serves by itself: drop files into its landing folder, or stop it "
      "first";
  return e;
}

Result<std::unique_ptr<Runtime>> Runtime::open(const std::string& folder, Reporter& reporter) {
  MR_TRY(Config config, load_config(folder));
  auto runtime = std::unique_ptr<Runtime>(new Runtime(std::move(config)));
  MR_CHECK(runtime->wire(reporter));
  return runtime;
}

Status Runtime::wire(Reporter& reporter) {
  MR_TRY(std::vector<ingest::Source> sources, load_sources(config_));
  MR_TRY(store_, lake::open_local_store(config_.lake));
  MR_TRY(warehouse_, open_warehouse(config_));
  MR_TRY(session_, warehouse_->connect());
  schedule::PipelineParts parts;
  parts.session = session_.get();
  parts.store = store_.get();
  parts.clock = &system_clock();
  parts.observer = &reporter;
  parts.sources = std::move(sources);
  parts.project_folder = config_.folder.string();
  parts.database = config_.warehouse.stem().string();
  parts.stable_for = config_.stable_for;
  parts.threads = or_cores(config_.threads);
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

std::vector<std::filesystem::path> Runtime::landing_folders() const {
  std::vector<std::filesystem::path> folders;
  for (const SourceConfig& s : config_.sources) {
    ingest::Source source;
    source.pattern = s.files;
    folders.push_back((config_.lake / source.folder()).lexically_normal());
    std::error_code ignored;  // a folder that cannot be made is told by the listing
    std::filesystem::create_directories(folders.back(), ignored);
  }
  return folders;
}

std::unique_ptr<lake::ChangeHint> Runtime::change_hint() const { return lake::watch_local_folders(landing_folders()); }

}  // namespace millrace::app
