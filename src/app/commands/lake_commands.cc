// lake: the group of commands, and what they share.
#include "app/commands/lake_commands.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "app/commands/lake_admin.h"
#include "app/lake_store.h"
#include "app/reporter.h"
#include "base/words.h"

namespace millrace::app {
namespace {

using Run = int (*)(const CommonOptions&, const LakeArguments&);

/// One subcommand; its words outlive the parser.
struct Subcommand {
  CLI::App* app;
  std::shared_ptr<LakeArguments> words;
};

Subcommand add(CLI::App& lake, CommonOptions& common, std::function<int()>& run, const char* name, const char* help,
               Run function) {
  auto words = std::make_shared<LakeArguments>();
  CLI::App* c = lake.add_subcommand(name, help);
  c->add_option("-p,--project,--project-dir", common.project, "folder of the project")->capture_default_str();
  c->add_flag("--json", common.json, "results as JSON on stdout");
  c->callback(
      [&common, &run, words, function] { run = [&common, words, function] { return function(common, *words); }; });
  return {c, std::move(words)};
}

}  // namespace

void add_lake_commands(CLI::App& app, CommonOptions& common, std::function<int()>& run) {
  CLI::App* lake = app.add_subcommand("lake", "look at the lake, put files into it, and keep it in order");
  lake->add_option("-p,--project,--project-dir", common.project, "folder of the project")->capture_default_str();
  lake->add_flag("--json", common.json, "results as JSON on stdout");
  lake->require_subcommand(1);
  const Subcommand ls = add(*lake, common, run, "ls", "the objects below a folder of the lake", run_lake_ls);
  ls.app->add_option("prefix", ls.words->keys, "landing/orders/; without it the whole lake")->expected(0, 1);
  ls.app->add_flag("-l,--long", ls.words->details, "with size, time and storage class");
  add_lake_admin(*lake, common, run);
}

int with_lake(const CommonOptions& common, const std::function<Result<int>(const Config&, lake::ObjectStore&)>& work) {
  const auto reporter = make_reporter(common.json ? Output::json_document : Output::lines, stdout, stderr);
  const auto config = load_config(common.project);
  if (!config) return reporter->finish(config.error());
  const auto opened = open_lake(*config, system_clock());
  if (!opened) return reporter->finish(opened.error());
  const Result<int> code = work(*config, *opened->store);
  return code ? *code : reporter->finish(code.error());
}

}  // namespace millrace::app
