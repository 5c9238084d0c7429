#pragma once
/// \file transform/project.h
/// An ordinary dbt project, read from its folder and compiled to SQL. This version understands
/// models as views and tables, sources, refs, macros, the four generic tests and singular tests;
/// what it does not understand and would change a result is an `unsupported` error at its line.
/// Source: docs.getdbt.com; behaviour of dbt 1.11.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "jinja/template.h"
#include "transform/node.h"
#include "warehouse/dialect.h"

namespace millrace::transform {

/// What models see as `target`, and how names are written.
struct Target {
  std::string name = "dev";
  std::string schema = "main";                  ///< dbt's target.schema
  std::string database;                         ///< of the warehouse; "" where names leave it out
  const warehouse::Dialect* dialect = nullptr;  // borrows; never null
  WallTime run_started_at{};
};

/// Threads: one thread at a time.
struct Project {
  std::string name, folder;
  std::map<std::string, Model, std::less<>> models;         ///< by unique id; disabled ones are left out
  std::map<std::string, SourceTable, std::less<>> sources;  ///< by unique id
  std::vector<DataTest> tests;                              ///< by unique id
  std::vector<jinja::Template> macro_files;
  std::map<std::string, std::string> vars;
  std::vector<std::string> order;  ///< unique ids of models, each after what it depends on
  std::vector<std::string> warnings;
  std::string sha256;  ///< of all files that were read

  [[nodiscard]] const Model* model_named(std::string_view name) const;
};

/// Reads every file, renders each model once to learn what it depends on, orders them.
/// Errors: invalid_input at file:line:column; not_found with the nearest name for an unknown ref or
/// source; unsupported.
Result<Project> load_project(const std::string& folder, const Target& target);

/// Renders the SQL of all models and tests. Errors: those of the templates.
Status compile(Project& project, const Target& target);

}  // namespace millrace::transform
