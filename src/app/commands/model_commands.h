#pragma once
/// \file app/commands/model_commands.h
/// dbt's commands: build, run, test, seed, compile, parse, ls, show, debug, clean, retry, with dbt's flags. In a
/// folder with a millrace.yaml they work on its warehouse, else on that of profiles.yml.

#include <functional>
#include <string>
#include <vector>

#include "app/commands.h"
#include "schedule/model_run.h"

namespace CLI {
class App;
}

namespace millrace::app {

struct ModelArguments {
  std::vector<std::string> select, exclude, resource_types;
  std::string indirect = "eager";
  std::string vars;                           ///< YAML: {key: value}
  std::string profile, target, profiles_dir;  ///< of a plain dbt project
  std::string target_path;                    ///< for artifacts; "" for the project's own
  std::string compat;                         ///< "snowflake"; "" for what the project says
  bool full_refresh = false, fail_fast = false, no_gate = false, force = false, store_failures = false;
  bool warn_error = false, strict = false;
  int threads = 0;
  std::string output = "selector";  ///< ls
  std::vector<std::string> output_keys;
  std::string inline_sql;  ///< show, compile
  std::int64_t limit = 5;  ///< show
  std::string column;      ///< lineage: MODEL[.column]
  bool open_lineage = false;
};

/// Adds the commands. `run` is set to the one that was asked for.
void add_model_commands(CLI::App& app, CommonOptions& common, std::function<int()>& run);

}  // namespace millrace::app
