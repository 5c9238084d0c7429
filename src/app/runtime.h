#pragma once
/// \file app/runtime.h
/// A project with its parts opened and wired together: the only place that names concrete adapters.

#include <filesystem>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "app/config.h"
#include "app/reporter.h"
#include "ingest/tidy.h"
#include "lake/object_store.h"
#include "schedule/pipeline.h"
#include "serve/http_server.h"
#include "serve/published.h"
#include "warehouse/reopening.h"
#include "warehouse/session.h"

namespace millrace::app {

/// What env_var() of models sees: the environment of this process.
transform::Environment process_environment();

/// Threads: one thread at a time.
class Runtime {
 public:
  /// Opens lake and warehouse of the project in `folder`, creates the tables that are missing and
  /// finishes what a crash cut. Borrows the reporter. `rebuild`: the warehouse is set aside, and a new one is
  /// loaded from processed/. Errors: those of all of these.
  static Result<std::unique_ptr<Runtime>> open(const std::string& folder, Reporter& reporter, bool rebuild = false);

  [[nodiscard]] const Config& config() const { return config_; }
  [[nodiscard]] schedule::Pipeline& pipeline() { return *pipeline_; }
  /// The session that the pipeline works on.
  [[nodiscard]] warehouse::Session& session() { return *session_; }
  [[nodiscard]] lake::ObjectStore& store() { return *store_; }
  [[nodiscard]] warehouse::Warehouse& warehouse() { return *warehouse_; }
  [[nodiscard]] std::vector<std::string> endpoint_paths() const;
  /// Of the archive, as tiers: in millrace.yaml asks for. Outlived by the runtime.
  [[nodiscard]] ingest::Tidier tidier();

  /// Starts the API on `listen` (the configured address where empty), with what is published already.
  Result<std::unique_ptr<serve::HttpServer>> start_server(const std::string& listen);
  /// Makes `generation` the one that is served, and drops what nobody reads any more.
  Status serve_generation(std::int64_t generation);
  /// After the engine has stopped itself: opens the warehouse again, finishes what was cut, and serves on; where
  /// the disk is too full for that, reads are answered all the same. Sessions and server stay as they are.
  /// False: the engine had not stopped. Errors: why it cannot be opened for writing now; call again.
  Result<bool> recover();

 private:
  explicit Runtime(Config config) : config_(std::move(config)) {}
  Status wire(Reporter& reporter, bool rebuild);
  Status reopen();
  Config config_;
  std::unique_ptr<lake::ObjectStore> store_;
  lake::LocalTiers* tiers_ = nullptr;  // store_, where it is a folder
  std::unique_ptr<warehouse::ReopeningWarehouse> warehouse_;
  bool down_ = false;        // the engine has stopped, and recover() has not finished yet
  bool reads_only_ = false;  // open, but only to answer reads
  std::unique_ptr<warehouse::Session> session_;
  std::unique_ptr<schedule::Pipeline> pipeline_;
  serve::PublishedSlot published_;
  std::map<std::int64_t, std::weak_ptr<const serve::Published>> held_;  // generations that an answer may still read
};

}  // namespace millrace::app
