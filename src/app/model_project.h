#pragma once
/// \file app/model_project.h
/// The project that a model command works on, of either kind, as far as the command needs it.

#include <memory>
#include <optional>
#include <string>

#include "app/commands/model_commands.h"
#include "app/config.h"
#include "app/plain_project.h"
#include "transform/loaded.h"

namespace millrace::app {

/// Threads: one thread at a time.
class ModelProject {
 public:
  /// Finds out what kind of project `common.project` is and reads its settings; no warehouse is opened.
  /// Errors: those of millrace.yaml or profiles.yml.
  static Result<std::unique_ptr<ModelProject>> find(const CommonOptions& common, const ModelArguments& arguments,
                                                    std::string command);

  /// Opens the warehouse. Errors: conflict while another process has it.
  Status open(bool read_only);
  /// Reads and parses the models. Errors: the project's.
  Status load();

  [[nodiscard]] bool is_plain() const { return profile_.has_value(); }
  [[nodiscard]] const transform::Profile& profile() const { return *profile_; }  ///< Requires: is_plain()
  [[nodiscard]] const Config& config() const { return *config_; }                ///< Requires: !is_plain()
  [[nodiscard]] const std::string& folder() const { return folder_; }
  [[nodiscard]] transform::LoadedProject& loaded() { return *loaded_; }   ///< Requires: load()
  [[nodiscard]] warehouse::Session* session() { return session_.get(); }  ///< null before open()
  /// For artifacts: --target-path, else the project's target-path. Requires: load()
  [[nodiscard]] std::string target_folder() const;
  [[nodiscard]] const std::vector<std::string>& notes() const { return notes_; }  ///< of templates and files
  /// The request of a command that runs nodes.
  [[nodiscard]] const schedule::BuildRequest& request() const { return request_; }

 private:
  ModelProject() = default;
  transform::Target target() const;
  transform::Invocation invocation() const;

  std::string folder_;
  bool snowflake_ = false;
  std::optional<Config> config_;
  std::optional<transform::Profile> profile_;
  schedule::BuildRequest request_;
  std::string invocation_id_;
  std::unique_ptr<warehouse::Warehouse> warehouse_;
  std::unique_ptr<warehouse::Session> session_;  // after the warehouse: freed before it
  std::vector<std::string> notes_;
  std::unique_ptr<transform::LoadedProject> loaded_;
};

/// --vars: a YAML mapping. Errors: invalid_input.
Result<jinja::Value> parse_vars(const std::string& text);
/// dbt's flags as a request. Errors: those of --vars and of the flags.
Result<schedule::BuildRequest> request_of(const ModelArguments& arguments, std::string command);

}  // namespace millrace::app
