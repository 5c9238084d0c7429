#include "app/model_project.h"

#include <fmt/format.h>

#include <filesystem>
#include <random>

#include "app/runtime.h"
#include "app/warehouse_file.h"
#include "base/words.h"
#include "transform/project/yaml_value.h"
#include "transform/render/snowflake_compat.h"
#include "warehouse/duckdb/database.h"

namespace millrace::app {
namespace {

namespace fs = std::filesystem;

/// Names are quoted before an engine is there: for commands that only look at files.
const warehouse::Dialect& dialect_without_engine() {
  struct DuckDbNames final : warehouse::StandardDialect {
    std::string_view name() const override { return "duckdb"; }
  };
  static const DuckDbNames dialect;
  return dialect;
}

Result<transform::Indirect> indirect_of(const std::string& word) {
  if (word == "eager") return transform::Indirect::eager;
  if (word == "cautious") return transform::Indirect::cautious;
  if (word == "buildable") return transform::Indirect::buildable;
  if (word == "empty") return transform::Indirect::empty;
  return Error{ErrorKind::invalid_input,
               fmt::format("--indirect-selection: found \"{}\", expected eager, cautious, buildable or empty", word),
               {},
               {}};
}

std::string random_id() {
  std::random_device device;
  Random random((std::uint64_t{device()} << 32) | device());
  return transform::new_invocation_id(random);
}

}  // namespace

Result<jinja::Value> parse_vars(const std::string& text) {
  if (text.empty()) return jinja::Value::dict();
  MR_TRY(const yaml::Node node, yaml::parse(text, "--vars"));
  if (node.kind != yaml::Node::Kind::mapping)
    return Error{ErrorKind::invalid_input,
                 fmt::format("--vars: found \"{}\", expected a mapping", text),
                 "write --vars '{name: value}'",
                 {}};
  return transform::yaml_value(node);
}

Result<schedule::BuildRequest> request_of(const ModelArguments& arguments, std::string command) {
  schedule::BuildRequest r;
  r.command = std::move(command);
  r.gate = !arguments.no_gate;
  r.only_if_changed = r.command == "build" && !arguments.force && !arguments.full_refresh && !arguments.no_gate;
  r.full_refresh = arguments.full_refresh;
  r.fail_fast = arguments.fail_fast;
  r.artifacts = true;
  r.target_folder = arguments.target_path;
  r.store_failures = arguments.store_failures;
  r.warn_error = arguments.warn_error;
  r.strict = arguments.strict;
  r.selection.select = arguments.select;
  r.selection.exclude = arguments.exclude;
  r.selection.resource_types = arguments.resource_types;
  r.target_name = arguments.target;
  MR_TRY(r.selection.indirect, indirect_of(arguments.indirect));
  MR_TRY(r.vars, parse_vars(arguments.vars));
  return r;
}

Result<std::unique_ptr<ModelProject>> ModelProject::find(const CommonOptions& common, const ModelArguments& arguments,
                                                         std::string command) {
  auto project = std::unique_ptr<ModelProject>(new ModelProject());
  project->folder_ = fs::absolute(common.project).lexically_normal().string();
  project->snowflake_ = arguments.compat == "snowflake";
  MR_TRY(project->request_, request_of(arguments, std::move(command)));
  project->invocation_id_ = random_id();
  if (is_millrace_project(project->folder_)) {
    MR_TRY(project->config_, load_config(project->folder_));
    project->snowflake_ = project->snowflake_ || project->config_->snowflake;
    return project;
  }
  transform::ProfileRequest wanted;
  wanted.project_folder = project->folder_;
  wanted.profile = arguments.profile;
  wanted.target = arguments.target;
  wanted.profiles_dir = arguments.profiles_dir;
  MR_TRY(project->profile_, transform::read_profile(wanted, project->invocation()));
  return project;
}

transform::Target ModelProject::target() const {
  transform::Target t;
  if (profile_) {
    t = profile_->target;
  } else {
    t.profile = "millrace";
    if (!request_.target_name.empty()) t.name = request_.target_name;
    t.database = config_->warehouse.stem().string();
    t.print_database = false;
  }
  t.dialect = session_ != nullptr ? &session_->dialect() : &dialect_without_engine();
  return t;
}

transform::Invocation ModelProject::invocation() const {
  transform::Invocation i;
  i.command = request_.command;
  i.id = invocation_id_;
  i.started_at = system_clock().now();
  i.full_refresh = request_.full_refresh;
  i.strict = request_.strict;
  i.vars = request_.vars;
  i.environment = process_environment();
  i.arguments = request_.arguments;
  return i;
}

Status ModelProject::open(bool read_only) {
  if (profile_) {
    MR_TRY(PlainProject opened, open_plain(*std::move(profile_), read_only));
    profile_ = std::move(opened.profile);
    warehouse_ = std::move(opened.warehouse);
    session_ = std::move(opened.session);
  } else {
    MR_TRY(warehouse_, read_only ? open_warehouse_to_read(*config_) : open_warehouse(*config_, system_clock()));
    MR_TRY(session_, warehouse_->connect());
  }
  return snowflake_ && !read_only ? transform::make_snowflake_functions(*session_) : ok();
}

Status ModelProject::load() {
  MR_TRY(loaded_, transform::LoadedProject::load(
                      folder_, target(), invocation(), [this](std::string_view text, bool is_warning) {
                        notes_.push_back((is_warning ? "warning: " : "") + std::string(text));
                      }));
  for (const transform::Warning& w : loaded_->project().warnings)
    notes_.push_back((w.where.empty() ? "" : w.where + ": ") + w.message + (w.hint.empty() ? "" : "; " + w.hint));
  return ok();
}

std::string ModelProject::target_folder() const { return schedule::target_folder(loaded_->project(), request_); }

}  // namespace millrace::app
