#include "schedule/model_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/log.h"
#include "transform/artifacts/artifacts.h"

namespace millrace::schedule {
namespace {

using transform::NodeId;
using transform::ResourceType;

/// Which of the selected nodes a command of dbt's runs.
bool runs(std::string_view command, ResourceType type) {
  if (command == "build") return true;
  if (command == "run") return type == ResourceType::model;
  if (command == "seed") return type == ResourceType::seed;
  if (command == "test") return type == ResourceType::test;
  return false;
}

std::vector<NodeId> nodes_to_run(const transform::Project& project, const std::vector<NodeId>& chosen,
                                 const BuildRequest& request) {
  std::vector<NodeId> out;
  for (const NodeId id : chosen) {
    const transform::Node& node = project.nodes[id];
    if (!runs(request.command, node.type)) continue;
    if (request.only && std::find(request.only->begin(), request.only->end(), node.unique_id) == request.only->end())
      continue;
    out.push_back(id);
  }
  return out;
}

}  // namespace

Result<transform::RunReport> run_models(transform::LoadedProject& loaded, warehouse::Session& session,
                                        const Clock& clock, const BuildRequest& request,
                                        std::function<Status(warehouse::Session&)> before_commit) {
  MR_TRY(const transform::Selection chosen, transform::select(loaded.project(), loaded.graph(), request.selection));
  for (const std::string& w : chosen.warnings) log::event("selection", log::Level::warn, {{"text", w}});
  transform::RunRequest run;
  run.nodes = nodes_to_run(loaded.project(), chosen.nodes, request);
  run.gate = request.gate && request.command != "test";
  run.fail_fast = request.fail_fast;
  run.store_failures = request.store_failures;
  run.warn_error = request.warn_error;
  run.before_commit = std::move(before_commit);
  run.on_done = request.on_node;
  run.written_to = target_folder(loaded.project(), request);
  return loaded.run(session, clock, run);
}

void judge(BuildReport& report) {
  if (const transform::NodeResult* broken = quality::first_error(report.run))
    report.error = Error{ErrorKind::invalid_input,
                         fmt::format("{} {}: {}", name_of(broken->type),
                                     broken->relation.empty() ? broken->name : broken->relation, broken->message),
                         broken->hint,
                         {}};
  // With counts and an example row it says more than the run itself.
  report.refused = quality::gate_message(report.run);
  if (report.refused.empty()) report.refused = report.run.refused;
}

std::string target_folder(const transform::Project& project, const BuildRequest& request) {
  if (!request.artifacts) return {};
  const std::filesystem::path own = project.root().settings.target_path;
  const std::filesystem::path wanted =
      request.target_folder.empty() ? own : std::filesystem::path(request.target_folder);
  return (std::filesystem::path(project.folder) / wanted).lexically_normal().string();
}

Status write_artifacts(const transform::LoadedProject& loaded, const BuildRequest& request,
                       const transform::RunReport* run) {
  const std::string folder = target_folder(loaded.project(), request);
  if (folder.empty()) return ok();
  MR_CHECK(transform::write_artifact(
      folder, "manifest.json",
      transform::manifest_json(loaded.project(), loaded.graph(), loaded.target(), loaded.invocation())));
  if (run == nullptr) return ok();
  return transform::write_artifact(folder, "run_results.json",
                                   transform::run_results_json(loaded.project(), *run, loaded.invocation()));
}

}  // namespace millrace::schedule
