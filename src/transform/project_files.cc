#include "transform/project_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/files.h"
#include "base/words.h"
#include "transform/config_reader.h"

namespace millrace::transform {
namespace {

namespace fs = std::filesystem;
using yaml::Fields;
using yaml::Node;
using yaml::Place;

Result<std::vector<std::string>> paths(Fields& f, std::string_view key, std::string_view old_key,
                                       std::string_view otherwise) {
  MR_TRY(std::vector<std::string> given, f.texts(key));
  MR_TRY(const std::vector<std::string> old, f.texts(old_key));
  if (given.empty()) given = old;
  if (given.empty()) given.emplace_back(otherwise);
  return given;
}

bool ends_with_any(const std::string& name, const std::vector<std::string>& endings) {
  return std::any_of(endings.begin(), endings.end(), [&](const std::string& e) { return name.ends_with(e); });
}

}  // namespace

Result<std::string> ProjectReader::read(const std::string& path) {
  MR_TRY(std::string text, read_file(fs::path(folder_) / path));
  hash_.update(fmt::format("{}\n{}\n", path, text.size()));
  hash_.update(text);
  return text;
}

/// Parts of a dbt project that would be built by dbt and not by this version.
Status ProjectReader::refuse_other_content(Fields& f) {
  for (const char* key : {"on-run-start", "on-run-end", "query-comment"})
    if (const Node* node = f.any(key)) return unsupported_at(f.place().member(key), *node, key);
  MR_TRY(const auto seeds, paths(f, "seed-paths", "data-paths", "seeds"));
  MR_TRY(const auto snapshots, paths(f, "snapshot-paths", "snapshot_paths", "snapshots"));
  const auto refuse = [&](const std::vector<std::string>& folders, const std::string& ending,
                          std::string_view what) -> Status {
    MR_TRY(const auto found, files(folders, {ending}));
    if (found.empty()) return ok();
    return Error{ErrorKind::unsupported,
                 fmt::format("{}: {} come with a later version of millrace", found[0].path, what),
                 "move the file out of the project",
                 {}};
  };
  MR_CHECK(refuse(seeds, ".csv", "seeds"));
  MR_CHECK(refuse(snapshots, ".sql", "snapshots"));
  for (const char* name : {"packages.yml", "dependencies.yml"}) {
    if (!fs::exists(fs::path(folder_) / name)) continue;
    return Error{ErrorKind::unsupported,
                 fmt::format("{}: packages come with a later version of millrace", name),
                 "remove the file where no package is used",
                 {}};
  }
  return ok();
}

Result<Settings> ProjectReader::settings() {
  const std::string file = "dbt_project.yml";
  auto text = read(file);
  if (!text && text.error().kind == ErrorKind::not_found) {
    Error e = std::move(text).error();
    e.hint = "a project needs a dbt_project.yml; `millrace init` writes an example";
    return e;
  }
  if (!text) return std::move(text).error();
  MR_TRY(const Node root, yaml::parse(*text, file));
  MR_TRY(Fields f, Fields::of(root, {file, ""}));
  for (const char* told : {"version",
                           "config-version",
                           "profile",
                           "target-path",
                           "clean-targets",
                           "log-path",
                           "packages-install-path",
                           "require-dbt-version",
                           "analysis-paths",
                           "analysis_paths",
                           "docs-paths",
                           "asset-paths",
                           "flags",
                           "quoting",
                           "dispatch",
                           "seeds",
                           "snapshots",
                           "sources",
                           "exposures",
                           "metrics",
                           "semantic-models",
                           "saved-queries",
                           "restrict-access",
                           "dbt-cloud",
                           "function-paths",
                           "fixture-paths"})
    f.ignore(told);
  Settings s;
  MR_TRY(s.name, f.text("name"));
  MR_TRY(s.model_paths, paths(f, "model-paths", "source-paths", "models"));
  MR_TRY(s.test_paths, paths(f, "test-paths", "test_paths", "tests"));
  MR_TRY(s.macro_paths, paths(f, "macro-paths", "macro_paths", "macros"));
  MR_CHECK(refuse_other_content(f));
  if (const Node* models = f.any("models")) s.models = *models;
  for (const char* key : {"tests", "data_tests"})
    if (const Node* tests = f.any(key)) s.tests = *tests;
  MR_CHECK(check_config_tree(s.models, f.place().member("models")));
  MR_CHECK(check_config_tree(s.tests, f.place().member("tests")));
  MR_TRY(const Node* vars, f.mapping("vars"));
  for (const auto& [name, value] : vars == nullptr ? std::vector<yaml::Member>{} : vars->members) {
    if (value.kind != Node::Kind::scalar)
      return unsupported_at(f.place().member("vars").member(name), value, "a var that is no single value");
    s.vars[name] = value.scalar;
  }
  MR_CHECK(f.done());
  return s;
}

Result<std::vector<ProjectFile>> ProjectReader::files(const std::vector<std::string>& folders,
                                                      const std::vector<std::string>& endings) {
  std::vector<ProjectFile> out;
  for (const std::string& folder : folders) {
    std::error_code ec;
    for (fs::recursive_directory_iterator it(fs::path(folder_) / folder, ec), end; !ec && it != end; it.increment(ec)) {
      if (!it->is_regular_file() || !ends_with_any(it->path().filename().string(), endings)) continue;
      out.push_back({fs::relative(it->path(), folder_).generic_string(), {}});
    }
  }
  std::sort(out.begin(), out.end(), [](const ProjectFile& a, const ProjectFile& b) { return a.path < b.path; });
  out.erase(
      std::unique(out.begin(), out.end(), [](const ProjectFile& a, const ProjectFile& b) { return a.path == b.path; }),
      out.end());
  for (ProjectFile& file : out) {
    MR_TRY(file.text, read(file.path));
  }
  return out;
}

}  // namespace millrace::transform
