#pragma once
/// \file transform/artifacts/artifacts.h
/// target/: what the tools around dbt read. manifest.json is v12, run_results.json is v6.
/// Source: schemas.getdbt.com/dbt/manifest/v12.json, …/run-results/v6.json; contracts/dbt.md "Artifacts".

#include <string>
#include <vector>

#include "base/result.h"
#include "transform/graph/graph.h"
#include "transform/project/project.h"
#include "transform/run/results.h"

namespace millrace::transform {

std::string manifest_json(const Project& project, const Graph& graph, const Target& target,
                          const Invocation& invocation);
std::string run_results_json(const Project& project, const RunReport& report, const Invocation& invocation);

/// Written beside and renamed: a reader sees the old file or the new one. Failpoints: transform.artifact.before and
/// those of write_file_atomically. Errors: those of writing.
Status write_artifact(const std::string& target_folder, const std::string& name, const std::string& text);

/// The unique ids and statuses of the last run, for `retry` and `result:`. Errors: not_found; invalid_input.
struct LastRun {
  std::string command;
  std::vector<std::pair<std::string, std::string>> statuses;  ///< unique id, status
};
Result<LastRun> read_last_run(const std::string& target_folder);

}  // namespace millrace::transform
