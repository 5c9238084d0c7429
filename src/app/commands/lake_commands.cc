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
  const Subcommand cat = add(*lake, common, run, "cat", "the bytes of an object, unpacked", run_lake_cat);
  cat.app->add_option("key", cat.words->keys, "its key")->required()->expected(1);
  cat.app->add_flag("--raw", cat.words->raw, "as they are stored");
  const Subcommand put = add(*lake, common, run, "put", "land files: whole, verified, over nothing", run_lake_put);
  put.app->add_option("file", put.words->keys, "files of this machine")->required();
  put.app->add_option(
      "--to", put.words->to,
      "a key, or a folder of the lake that ends in /; without it where the project's source lets files land");
  put.app->add_flag("--force", put.words->force, "over other bytes that stand there");
  const Subcommand stat =
      add(*lake, common, run, "stat", "all that is known of an object, and of its load", run_lake_stat);
  stat.app->add_option("key", stat.words->keys, "its key")->required()->expected(1);
  const Subcommand restore =
      add(*lake, common, run, "restore", "ask for archived objects, so that they can be read", run_lake_restore);
  restore.app->add_option("key", restore.words->keys, "their keys");
  restore.app->add_flag("--all-blocked", restore.words->all_blocked, "all that a load or a replay waits for");
  const Subcommand tidy =
      add(*lake, common, run, "tidy", "bring files down the tiers, and delete what has expired", run_lake_tidy);
  tidy.app->add_flag("--dry-run", tidy.words->dry_run, "say what is due, and change nothing");
  add_lake_admin(*lake, common, run);
}

std::string shown_key(std::string_view key) {
  // Each of at most 1,024 bytes may be written as \xNN.
  return printable(key, 4096);
}

Result<lake::ObjectInfo> object_called(lake::ObjectStore& store, const std::string& key) {
  MR_TRY(const auto found, store.head(key));
  if (found) return *found;
  return Error{ErrorKind::not_found,
               fmt::format("no object of the lake is called {}", shown_key(key)),
               "millrace lake ls shows their keys",
               {}};
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
