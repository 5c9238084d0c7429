// run_results.json, version 6: written, and read again by `retry`.
#include <fmt/format.h>
#include <simdjson.h>

#include <filesystem>

#include "base/failpoint.h"
#include "base/files.h"
#include "transform/artifacts/artifacts.h"
#include "transform/artifacts/json_value.h"
#include "transform/project/settings.h"

namespace millrace::transform {
namespace {

using json::Writer;

void write_step(Writer& w, std::string_view name, WallTime from, WallTime to) {
  w.begin_object().member("name", name).member("started_at", to_iso8601(from)).member("completed_at", to_iso8601(to));
  w.end_object();
}

void write_result(Writer& w, const Project& project, const NodeResult& r) {
  const Node& n = project.nodes[r.node];
  w.begin_object().member("status", name_of(r.status)).key("timing").begin_array();
  if (r.compile_done != WallTime{}) write_step(w, "compile", r.compile_started, r.compile_done);
  if (r.execute_done != WallTime{}) write_step(w, "execute", r.execute_started, r.execute_done);
  w.end_array().member("thread_id", "Thread-1");
  w.member("execution_time", static_cast<double>(r.elapsed().count()) / 1000.0);
  w.key("adapter_response").begin_object();
  if (!r.adapter_message.empty()) w.member("_message", r.adapter_message);
  if (r.rows >= 0) w.member("rows_affected", r.rows);
  w.end_object().key("message");
  if (r.message.empty())
    w.null();
  else
    w.value(r.message);
  w.key("failures");
  if (r.failures < 0)
    w.null();
  else
    w.value(r.failures);
  w.member("unique_id", r.unique_id).member("compiled", n.compiled).key("compiled_code");
  if (n.compiled)
    w.value(n.compiled_code);
  else
    w.null();
  w.key("relation_name");
  if (r.relation.empty())
    w.null();
  else
    w.value(r.relation);
  w.key("batch_results").null().end_object();
}

Error bad_file(const std::string& path, std::string_view why) {
  return {ErrorKind::invalid_input,
          fmt::format("{} is no run_results.json: {}", path, why),
          "run the command again instead of retry",
          {}};
}

}  // namespace

std::string run_results_json(const Project& project, const RunReport& report, const Invocation& invocation) {
  Writer w;
  w.begin_object().key("metadata").begin_object();
  w.member("dbt_schema_version", "https://schemas.getdbt.com/dbt/run-results/v6.json");
  w.member("dbt_version", kDbtVersion).member("generated_at", to_iso8601(invocation.started_at));
  w.member("invocation_id", invocation.id).key("env").begin_object().end_object().end_object();
  w.key("results").begin_array();
  for (const NodeResult& r : report.results) write_result(w, project, r);
  w.end_array().member("elapsed_time", static_cast<double>(report.elapsed.count()) / 1000.0);
  w.key("args").begin_object().member("which", invocation.command).member("full_refresh", invocation.full_refresh);
  w.key("vars");
  write_value(w, invocation.vars);
  return w.end_object().end_object().text();
}

Status write_artifact(const std::string& target_folder, const std::string& name, const std::string& text) {
  MR_FAILPOINT("transform.artifact.before");
  std::error_code failed;
  std::filesystem::create_directories(target_folder, failed);
  if (failed)
    return Error{
        ErrorKind::unavailable, fmt::format("{}: making the folder: {}", target_folder, failed.message()), {}, {}};
  return write_file_atomically(std::filesystem::path(target_folder) / name, text);
}

Result<LastRun> read_last_run(const std::string& target_folder) {
  const std::string path = (std::filesystem::path(target_folder) / "run_results.json").string();
  auto text = read_file(path);
  if (!text && text.error().kind == ErrorKind::not_found)
    return Error{
        ErrorKind::not_found, path + " is not there: there is no run to look at", "run build, run or test first", {}};
  if (!text) return std::move(text).error();
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (const auto e = parser.parse(*text).get(root); e != simdjson::SUCCESS)
    return bad_file(path, simdjson::error_message(e));
  LastRun out;
  std::string_view word;
  if (root["args"]["which"].get(word) == simdjson::SUCCESS) out.command = word;
  simdjson::dom::array results;
  if (root["results"].get(results) != simdjson::SUCCESS) return bad_file(path, "it has no results");
  for (const simdjson::dom::element r : results) {
    std::string_view id, status;
    if (r["unique_id"].get(id) != simdjson::SUCCESS || r["status"].get(status) != simdjson::SUCCESS)
      return bad_file(path, "a result lacks unique_id or status");
    out.statuses.emplace_back(id, status);
  }
  return out;
}

}  // namespace millrace::transform
