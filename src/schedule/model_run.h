#pragma once
/// \file schedule/model_run.h
/// One call of build, run, test or seed on a loaded project: what is asked for, and what became of it.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "quality/gate.h"
#include "transform/loaded.h"
#include "warehouse/session.h"

namespace millrace::schedule {

/// What one publish did, or why it did not.
struct BuildReport {
  transform::RunReport run;  ///< each seed, model and test; `committed` says whether they can be seen
  std::vector<std::string> warnings;
  std::int64_t generation = 0;  ///< the one that is served now; 0: none yet
  bool published = false;       ///< a new one
  bool up_to_date = false;      ///< nothing had changed, nothing was built
  std::string refused;          ///< why the gate stayed shut; the old generation is still served
  /// The node that could not be built or asked, with its hint; absent: tests failed, or nothing did.
  std::optional<Error> error;
  bool serves = true;  ///< of a project with an API: what is refused is a publish
  std::chrono::milliseconds elapsed{};
};

/// What is to be built, and how; as given: everything, behind the gate.
struct BuildRequest {
  std::string command = "build";  ///< dbt's name for it: build, run, test, seed
  bool only_if_changed = false;   ///< not where neither data nor project changed
  bool gate = true;               ///< all at once or not at all; else node by node, as dbt does
  bool full_refresh = false, fail_fast = false, store_failures = false, warn_error = false, strict = false;
  transform::SelectionRequest selection;
  std::optional<std::vector<std::string>> only;  ///< of the selection only these unique ids: `retry`
  jinja::Value vars = jinja::Value::dict();      ///< --vars
  std::string target_name;                       ///< --target; "" for "dev"
  std::vector<std::string> arguments;            ///< argv, for run_results.json
  bool artifacts = false;                        ///< target/ is written
  std::string target_folder;                     ///< for artifacts, instead of the project's own target-path
  std::function<void(const transform::NodeResult&, std::size_t index, std::size_t total)> on_node;
  [[nodiscard]] bool publishes() const { return command == "build"; }
  [[nodiscard]] bool selects_all() const {
    return !only && selection.select.empty() && selection.exclude.empty() && selection.resource_types.empty();
  }
};

/// Selects and runs. `before_commit`: inside the transaction, once all tests have passed; may be empty.
/// Errors: those of the selection, and of run().
Result<transform::RunReport> run_models(transform::LoadedProject& loaded, warehouse::Session& session,
                                        const Clock& clock, const BuildRequest& request,
                                        std::function<Status(warehouse::Session&)> before_commit);

/// Fills `error` and `refused` from the run.
void judge(BuildReport& report);

/// Where artifacts go: absolute; "" where none are wanted.
std::string target_folder(const transform::Project& project, const BuildRequest& request);
/// manifest.json, and run_results.json where there was a run.
Status write_artifacts(const transform::LoadedProject& loaded, const BuildRequest& request,
                       const transform::RunReport* run);

}  // namespace millrace::schedule
