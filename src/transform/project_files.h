#pragma once
/// \file transform/project_files.h
/// Finding and reading the files of a dbt project; nothing is rendered here.

#include <string>
#include <string_view>
#include <vector>

#include "base/sha256.h"
#include "base/yaml.h"
#include "transform/project.h"

namespace millrace::transform {

struct ProjectFile {
  std::string path;  ///< relative to the project
  std::string text;
};

/// dbt_project.yml.
struct Settings {
  std::string name;
  std::vector<std::string> model_paths, test_paths, macro_paths;
  yaml::Node models, tests;  ///< config trees; null nodes where absent
  std::map<std::string, std::string> vars;
};

/// Reads files below a project's folder and keeps a digest of everything read.
class ProjectReader {
 public:
  explicit ProjectReader(std::string folder) : folder_(std::move(folder)) {}
  /// Errors: not_found with a hint where the folder is no dbt project.
  Result<Settings> settings();
  /// All files below `paths` that end in one of `endings`, by path.
  Result<std::vector<ProjectFile>> files(const std::vector<std::string>& paths,
                                         const std::vector<std::string>& endings);
  [[nodiscard]] std::string digest() { return hash_.hex_digest(); }

 private:
  Result<std::string> read(const std::string& path);
  Status refuse_other_content(yaml::Fields& fields);
  std::string folder_;
  Sha256 hash_;
};

/// Sources, descriptions, configs and tests of one properties file, into `project`.
/// `patched`: config and description by model name, applied by the caller.
struct ModelProperties {
  std::string description, path;
  Config config;
  yaml::Node node;
  yaml::Place place;
  bool used = false;
};
Status read_properties(const ProjectFile& file, Project& project, std::map<std::string, ModelProperties>& patched);

/// The tests that a model's or source table's properties declare.
/// `model`: the name in test names ("orders", or "raw_orders" for a source table).
Status read_tests(const yaml::Node& node, const yaml::Place& place, const std::string& about, const std::string& model,
                  const std::string& prefix, Project& project);

}  // namespace millrace::transform
