#pragma once
/// \file app/commands/lake_commands.h
/// `millrace lake …`: the commands on the lake itself. They open the lake, not the warehouse, unless they say so:
/// they work while `millrace up` runs.

#include <functional>
#include <string>
#include <vector>

#include "app/commands.h"
#include "app/config.h"
#include "lake/object_store.h"

namespace CLI {
class App;
}

namespace millrace::app {

struct LakeArguments {
  std::vector<std::string> keys;  ///< or files to put
  std::string to;                 ///< put: a key, or a folder of the lake that ends in '/'
  bool details = false;           ///< ls -l
  bool raw = false;               ///< cat: as stored
  bool force = false;             ///< put: over an object that is there
  bool all_blocked = false;       ///< restore: everything that a load or a replay waits for
  bool dry_run = false;           ///< tidy: say only
};

int run_lake_ls(const CommonOptions& common, const LakeArguments& arguments);
int run_lake_cat(const CommonOptions& common, const LakeArguments& arguments);
int run_lake_put(const CommonOptions& common, const LakeArguments& arguments);
int run_lake_stat(const CommonOptions& common, const LakeArguments& arguments);
int run_lake_restore(const CommonOptions& common, const LakeArguments& arguments);
int run_lake_tidy(const CommonOptions& common, const LakeArguments& arguments);

/// Adds `lake` and its subcommands. `run` is set to the one that was asked for.
void add_lake_commands(CLI::App& app, CommonOptions& common, std::function<int()>& run);

/// A key as a terminal may show it: what is no printable UTF-8 is escaped.
std::string shown_key(std::string_view key);
/// Errors: not_found with a hint.
Result<lake::ObjectInfo> object_called(lake::ObjectStore& store, const std::string& key);

/// The project's lake, for one command. Tells errors and gives the exit code.
int with_lake(const CommonOptions& common,
              const std::function<Result<int>(const Config& config, lake::ObjectStore& store)>& work);

}  // namespace millrace::app
