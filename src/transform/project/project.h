#pragma once
/// \file transform/project/project.h
/// A dbt project with its packages in memory: everything its files say, before and after rendering.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "jinja/template.h"
#include "transform/project/node.h"
#include "warehouse/dialect.h"

namespace millrace::transform {

/// Environment variables, injected: env_var() asks here and nowhere else.
using Environment = std::function<std::optional<std::string>(std::string_view name)>;

/// Where and how models are built; from profiles.yml, or from millrace.yaml.
struct Target {
  std::string profile = "default", name = "dev";
  std::string database, schema = "main";
  int threads = 1;
  /// Names say the database too, as dbt writes them. Without: only where it is another than `database`.
  bool print_database = true;
  jinja::Value fields = jinja::Value::dict();   ///< all of the output in profiles.yml, without secrets: `target.*`
  const warehouse::Dialect* dialect = nullptr;  // borrows; never null
};

/// What one call of a command says about everything.
struct Invocation {
  std::string command = "build";  ///< flags.WHICH
  std::string id;                 ///< a UUID
  WallTime started_at{};
  bool full_refresh = false;
  bool strict = false;                       ///< dbt exactly: none of our documented extensions
  jinja::Value vars = jinja::Value::dict();  ///< --vars: win over all others
  Environment environment;
  std::vector<std::string> arguments;  ///< argv, for run_results.json
};

/// dbt_project.yml of one package.
struct Settings {
  std::string name, version, profile;
  std::vector<std::string> model_paths, seed_paths, test_paths, macro_paths, analysis_paths, snapshot_paths, docs_paths,
      asset_paths, clean_targets;
  std::string target_path = "target", packages_path = "dbt_packages";
  /// Config trees by section: "models", "seeds", "tests" (data_tests: is the same), "snapshots", "sources".
  std::map<std::string, jinja::Value, std::less<>> trees;
  jinja::Value vars = jinja::Value::dict();
  /// dispatch: macro_namespace -> search_order
  std::map<std::string, std::vector<std::string>, std::less<>> dispatch;
  std::vector<std::string> on_run_start, on_run_end;
  std::map<std::string, bool, std::less<>> quoting;  ///< database, schema, identifier; where said
  jinja::Value flags = jinja::Value::dict();
  std::string require_dbt_version;
};

struct Package {
  std::string name;
  std::string folder;  ///< absolute
  Settings settings;
  bool is_root = false;
};

/// A macro of a file, or a generic test's definition.
struct Macro {
  std::string name;  ///< "cents_to_dollars"; of a generic test "test_positive", as dbt names it
  std::string package;
  std::string unique_id;  ///< "macro.shop.cents_to_dollars"
  std::string path, original_path;
  std::string text;  ///< from {% macro to {% endmacro %}
  int line = 1;
  bool is_test = false;   ///< written with {% test %} or {% data_test %}
  jinja::Value callable;  ///< sees the globals of the run that calls it
  std::string description;
  std::vector<std::string> depends_on;  ///< unique ids of macros; filled where a first pass called it
};

struct Warning {
  std::string where, message, hint;
};

/// Threads: reading from many threads is safe once it is loaded; values inside must not be changed.
struct Project {
  std::string folder, name;
  std::vector<Package> packages;  ///< [0] is the root
  std::vector<Node> nodes;        ///< disabled ones too
  std::unordered_map<std::string, NodeId> by_unique_id;
  /// Models, seeds and snapshots by name: each package has at most one that is enabled.
  std::unordered_map<std::string, std::vector<NodeId>> refables;
  /// Sources by "source.table", of any package.
  std::unordered_map<std::string, std::vector<NodeId>> source_tables;
  std::vector<Macro> macros;
  /// Macros by name, of any package: indices into `macros`.
  std::unordered_map<std::string, std::vector<std::uint32_t>> macros_by_name;
  std::map<std::string, std::string, std::less<>> docs;  ///< doc blocks: "package.name" -> text
  std::vector<Carried> carried;
  std::vector<Warning> warnings;
  std::string digest;                         ///< sha256 of every file that was read, its name and text
  std::vector<std::string> environment_read;  ///< names of env vars that were asked for, each once

  [[nodiscard]] const Package& root() const { return packages.front(); }
  [[nodiscard]] const Package* package(std::string_view name) const;
  [[nodiscard]] const Node* find(std::string_view unique_id) const;
  [[nodiscard]] NodeId id_of(std::string_view unique_id) const;  ///< kNoNode
};

/// Reads dbt_project.yml, packages, macros, models, seeds, tests, properties and docs of the project in
/// `folder`: nodes with what the files say about them, nothing of them rendered yet (but Jinja in YAML is).
/// Vars and `target` are what YAML may ask for. Errors: invalid_input at file:line:column; not_found with a hint.
Result<Project> read_project(const std::string& folder, const Target& target, const Invocation& invocation);

/// sha256 over names and bytes of every file that read_project would read; nothing is parsed but dbt_project.yml.
/// As fast as the disk: what a build with nothing new costs. Errors: those of reading.
Result<std::string> digest_of(const std::string& folder, const Target& target, const Invocation& invocation);

}  // namespace millrace::transform
