// dbt's commands that run nodes, and the words of the command line that all of them share.
#include "app/commands/model_commands.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "app/commands/model_look.h"
#include "app/commands/with_runtime.h"
#include "app/model_project.h"
#include "app/tell.h"
#include "base/words.h"
#include "transform/artifacts/artifacts.h"

namespace millrace::app {
namespace {

using schedule::BuildReport;
using schedule::BuildRequest;

std::unique_ptr<Reporter> reporter_of(const CommonOptions& common) {
  return make_reporter(common.json ? Output::json_document : Output::lines, stdout, stderr);
}

/// Of a millrace project: through its pipeline, so that a build is a publish.
int run_here(const CommonOptions& common, const BuildRequest& request) {
  const auto reporter = reporter_of(common);
  auto runtime = Runtime::open(common.project, *reporter);
  if (!runtime) return reporter->finish(std::move(runtime).error());
  auto report = (*runtime)->pipeline().build(request);
  if (!report) return reporter->finish(std::move(report).error());
  reporter->on_build(*report);
  return reporter->finish(report->published ? (*runtime)->serve_generation(report->generation) : ok());
}

/// Of a plain dbt project: in the engine of its profile.
Result<BuildReport> run_plain(ModelProject& project, const BuildRequest& request) {
  MR_CHECK(project.open(false));
  MR_CHECK(project.load());
  BuildReport report;
  report.serves = false;
  report.warnings = project.notes();
  MR_TRY(report.run, run_models(project.loaded(), *project.session(), system_clock(), request, {}));
  MR_CHECK(write_artifacts(project.loaded(), request, &report.run));
  judge(report);
  return report;
}

int run_nodes(const CommonOptions& common, const ModelArguments& arguments, const std::string& command,
              std::optional<std::vector<std::string>> only = {}) {
  const auto reporter = reporter_of(common);
  auto request = request_of(arguments, command);
  if (!request) return reporter->finish(std::move(request).error());
  request->only = std::move(only);
  if (is_millrace_project(common.project)) return run_here(common, *request);
  auto project = ModelProject::find(common, arguments, command);
  if (!project) return reporter->finish(std::move(project).error());
  auto report = run_plain(**project, *request);
  if (!report) return reporter->finish(std::move(report).error());
  reporter->on_build(*report);
  return reporter->finish(ok());
}

/// What did not succeed in the last run, and what was skipped after it.
int retry(const CommonOptions& common, const ModelArguments& arguments) {
  const auto reporter = reporter_of(common);
  auto folder = target_folder_of(common, arguments);
  if (!folder) return reporter->finish(std::move(folder).error());
  auto last = transform::read_last_run(*folder);
  if (!last) return reporter->finish(std::move(last).error());
  std::vector<std::string> ids;
  for (const auto& [id, status] : last->statuses)
    if (status == "error" || status == "fail" || status == "skipped") ids.push_back(id);
  if (ids.empty()) {
    reporter->say(fmt::format("nothing to retry: the last {} had no error", last->command));
    return reporter->finish(ok());
  }
  return run_nodes(common, arguments, last->command, std::move(ids));
}

using Words = std::shared_ptr<ModelArguments>;
using Run = std::function<int(const CommonOptions&, const ModelArguments&)>;

/// Flags of every command that reads a project.
void add_project_flags(CLI::App& c, CommonOptions& common, ModelArguments& w) {
  c.add_option("-p,--project,--project-dir", common.project, "folder of the project")->capture_default_str();
  c.add_flag("--json", common.json, "results as JSON on stdout");
  c.add_option("--profiles-dir", w.profiles_dir, "folder of profiles.yml, for a project without millrace.yaml");
  c.add_option("--profile", w.profile, "which profile of it, instead of dbt_project.yml's");
  c.add_option("-t,--target", w.target, "which of its targets; the name that models see as target.name");
  c.add_option("--target-path", w.target_path, "folder for manifest.json and the like, instead of target/");
  c.add_option("--vars", w.vars, "variables, as YAML: '{name: value}'");
  c.add_option("--compat", w.compat, "make the functions of another engine: snowflake")
      ->check(CLI::IsMember({"snowflake"}));
  c.add_flag("--strict", w.strict, "as dbt exactly, without the extensions of millrace");
  c.add_option("--threads", w.threads, "as dbt has it; DuckDB runs each statement on all cores");
}

void add_selection_flags(CLI::App& c, ModelArguments& w) {
  c.add_option("-s,--select,-m,--models", w.select, "nodes, in dbt's grammar: +orders tag:daily path:models/gold");
  c.add_option("--exclude", w.exclude, "nodes to leave out");
  c.add_option("--resource-type,--resource-types", w.resource_types, "model, seed, test, source, …");
  c.add_option("--indirect-selection", w.indirect, "when tests follow: eager, cautious, buildable, empty")
      ->capture_default_str();
}

void add_run_flags(CLI::App& c, ModelArguments& w, bool tests) {
  c.add_flag("-f,--full-refresh", w.full_refresh, "incremental models and seeds are made anew");
  c.add_flag("-x,--fail-fast", w.fail_fast, "stop at the first failure");
  c.add_flag("--no-gate", w.no_gate, "node by node, as dbt does; without it all becomes visible at once, or nothing");
  c.add_flag("--force", w.force, "build also where nothing has changed");
  if (!tests) return;
  c.add_flag("--store-failures", w.store_failures, "keep failing rows in tables");
  c.add_flag("--warn-error", w.warn_error, "a test that warns fails");
}

class Adder {
 public:
  Adder(CLI::App& app, CommonOptions& common, std::function<int()>& run) : app_(app), common_(common), run_(run) {}
  CLI::App& add(const char* name, const char* help, const Words& words, Run function) {
    CLI::App* c = app_.add_subcommand(name, help);
    add_project_flags(*c, common_, *words);
    c->callback([this_common = &common_, run = &run_, words, function = std::move(function)] {
      *run = [this_common, words, function] { return function(*this_common, *words); };
    });
    return *c;
  }
  /// A command that runs nodes.
  void add_run(const char* name, const char* help) {
    const auto words = std::make_shared<ModelArguments>();
    const std::string command = name;
    CLI::App& c = add(name, help, words, [command](const CommonOptions& common, const ModelArguments& w) {
      return run_nodes(common, w, command);
    });
    add_selection_flags(c, *words);
    add_run_flags(c, *words, command == "build" || command == "test");
  }

 private:
  CLI::App& app_;
  CommonOptions& common_;
  std::function<int()>& run_;
};

}  // namespace

void add_model_commands(CLI::App& app, CommonOptions& common, std::function<int()>& run) {
  Adder adder(app, common, run);
  adder.add_run("build", "build seeds and models, test them, and publish if the tests pass");
  adder.add_run("run", "build the models, without tests; nothing is published");
  adder.add_run("test", "run the data tests on what is there");
  adder.add_run("seed", "load the CSV files of seeds/");
  auto words = std::make_shared<ModelArguments>();
  add_run_flags(adder.add("retry", "run again what failed and what was skipped in the last run", words, retry), *words,
                true);
  words = std::make_shared<ModelArguments>();
  CLI::App& compile = adder.add("compile", "write the SQL of models and tests to target/compiled", words, run_compile);
  add_selection_flags(compile, *words);
  compile.add_flag("-f,--full-refresh", words->full_refresh, "as if with --full-refresh");
  compile.add_option("--inline", words->inline_sql, "this SQL with Jinja, instead of models");
  words = std::make_shared<ModelArguments>();
  adder.add("parse", "read the whole project, say what is wrong, write target/manifest.json", words, run_parse);
  words = std::make_shared<ModelArguments>();
  CLI::App& ls = adder.add("ls", "list the nodes of a selection", words, run_ls);
  ls.alias("list");
  add_selection_flags(ls, *words);
  ls.add_option("--output", words->output, "selector, name, path or json")->capture_default_str();
  ls.add_option("--output-keys", words->output_keys, "keys of --output json");
  words = std::make_shared<ModelArguments>();
  CLI::App& show = adder.add("show", "the first rows of a model, or of SQL given with --inline", words, run_show);
  add_selection_flags(show, *words);
  show.add_option("--inline", words->inline_sql, "this SQL with Jinja, instead of a model");
  show.add_option("--limit", words->limit, "rows; -1: all")->capture_default_str();
  words = std::make_shared<ModelArguments>();
  adder.add("debug", "check the project, its profile and the connection", words, run_debug);
  words = std::make_shared<ModelArguments>();
  adder.add("clean", "delete target/ and what else clean-targets names", words, run_clean);
  words = std::make_shared<ModelArguments>();
  CLI::App& lineage =
      adder.add("lineage", "what a model or a column is made from, and what is made from it", words, run_lineage);
  lineage.add_option("model", words->column, "MODEL or MODEL.column")->required();
  lineage.add_flag("--openlineage", words->open_lineage, "as OpenLineage dataset facets");
}

}  // namespace millrace::app
