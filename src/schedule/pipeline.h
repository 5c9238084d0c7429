#pragma once
/// \file schedule/pipeline.h
/// The way of the data as steps: load what has landed, build and test the models in one
/// transaction, publish the result as a numbered generation, or leave the old one up.

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "ingest/blocked_files.h"
#include "ingest/loader.h"
#include "ingest/poke_clock.h"
#include "ingest/sensor.h"
#include "schedule/model_run.h"
#include "transform/loaded.h"
#include "warehouse/session.h"

namespace millrace::schedule {

/// The latest published generation.
struct Generation {
  std::int64_t number = 0;
  std::int64_t data_version = 0;  ///< Ledger::data_version() when it was built
  std::string project_sha256;
  WallTime published_at{};
};

/// Told what happens, in order, on the thread that does it.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void on_file(const ingest::FileOutcome&) {}
  virtual void on_ignored(const lake::Ignored&) {}
  /// These objects are taken now, together; each version of one is told once.
  virtual void on_sensed(const ingest::HandedOn&) {}
  /// Something is there and waits for more: the rest of its set, a check. Told once for each reason.
  virtual void on_held(const ingest::HeldBack&) {}
  /// No file for the source's `timeout`; `soft`: that is no failure.
  virtual void on_timeout(const Error& error, bool /*soft*/) { on_error(error); }
  virtual void on_progress(const std::string& /*key*/, std::uint64_t /*bytes*/, std::uint64_t /*of*/) {}
  virtual void on_build(const BuildReport&) {}
  virtual void on_error(const Error&) {}
  /// A file that may not be read. It stays where it is, is tried again, and holds up no other; told once.
  virtual void on_blocked(const Error& error) { on_error(error); }
};

/// What a pipeline is made of. All is borrowed and outlives it.
struct PipelineParts {
  warehouse::Session* session = nullptr;
  lake::ObjectStore* store = nullptr;
  const Clock* clock = nullptr;
  Observer* observer = nullptr;
  std::vector<ingest::Source> sources;
  std::string project_folder;
  std::string database;  ///< what models see as target.database
  unsigned threads = 2;
  std::uint64_t seed = 1;              ///< of the ids that runs get
  transform::Environment environment;  ///< what env_var() sees; empty: nothing
  bool snowflake = false;              ///< `compat: snowflake`: its functions are made in the warehouse
  std::string spool;                   ///< a folder for files on their way to the archive
  /// Asked before a file of so many bytes is loaded, and before a build ("" and 0). An error: not now. May be empty.
  std::function<Status(const std::string& key, std::uint64_t bytes)> room_for;
  std::string served_as;  ///< changes when what is made at a publish changes; see `at_publish`
  /// Further statements of the publish transaction: what the server will serve.
  std::function<std::vector<warehouse::Statement>(std::int64_t generation)> at_publish;
};

/// Threads: used by the thread that owns the session.
class Pipeline {
 public:
  explicit Pipeline(PipelineParts parts);

  /// Creates the tables that are missing and finishes what a crash cut. Once, at start.
  /// Errors: invalid_input, unavailable.
  Status prepare();

  /// Takes every file that is ready, of the sources that are to be looked at now; with `wait` of all sources, and
  /// also the files that are still settling. Gives how many were recorded in the ledger.
  /// Errors: those of the listing.
  Result<std::int64_t> load(bool wait);

  /// Until a source is to be looked at. Zero: one is now.
  [[nodiscard]] std::chrono::milliseconds until_next_look() const;
  /// Something may have changed: all sources are to be looked at, and these keys are taken first.
  void wake(const std::vector<std::string>& keys);

  /// How long each source has been waited for.
  struct Awaited {
    const ingest::Source* source;
    ingest::PokeClock* clock;
  };
  [[nodiscard]] std::vector<Awaited> awaited();
  /// Tells of each source that has been without a file for its `timeout`, once.
  /// Errors: deadline_exceeded with `fail`, where the source has no soft_fail.
  Status check_timeouts(bool fail);

  /// Builds, tests and publishes; `run` and `seed` change the warehouse and publish nothing, `test` asks only.
  /// A failing test or node is a report (`refused`, `error`), not an error.
  /// Errors: invalid_input for a project that is wrong, with nothing changed.
  Result<BuildReport> build(const BuildRequest& request);

  /// The project, parsed, for commands that only look. Errors: those of LoadedProject::load.
  Result<std::unique_ptr<transform::LoadedProject>> load_project(const BuildRequest& request,
                                                                 std::vector<std::string>& warnings);

  Result<Generation> generation() const;
  [[nodiscard]] ingest::Loader& loader() { return loader_; }
  [[nodiscard]] const std::vector<ingest::Source>& sources() const { return parts_.sources; }
  [[nodiscard]] bool files_waiting() const { return !waiting_.empty(); }

 private:
  Result<std::int64_t> sweep(const ingest::Source& source, ingest::PokeClock& clock);
  Result<std::int64_t> take(const ingest::Source& source, const ingest::Sensed& sensed);
  Result<std::vector<std::string>> taken_before(const ingest::Source& source);
  /// What decides whether a build is needed, besides the data.
  Result<std::string> fingerprint(const BuildRequest& request);
  transform::Target target(const BuildRequest& request) const;
  transform::Invocation invocation(const BuildRequest& request);
  PipelineParts parts_;
  Random random_;
  ingest::Loader loader_;
  ingest::Sensor sensor_;
  std::vector<ingest::PokeClock> clocks_;  // one for each source
  ingest::BlockedFiles blocked_;
  std::map<std::string, std::size_t> waiting_;  // by source: files seen and not settled yet, at its last look
  std::string set_;                             // of the file that is being loaded
};

}  // namespace millrace::schedule
