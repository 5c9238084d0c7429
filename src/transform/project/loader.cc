// read_project and digest_of: which files a project consists of, and in which order they are read.
#include <dirent.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <thread>

#include "base/files.h"
#include "base/sha256.h"
#include "base/words.h"
#include "jinja/print.h"
#include "transform/project/blocks.h"
#include "transform/project/packages.h"
#include "transform/project/project.h"
#include "transform/project/properties.h"
#include "transform/project/properties_parts.h"
#include "transform/project/settings.h"
#include "transform/project/source_files.h"
#include "transform/project/yaml_scope.h"

namespace millrace::transform {
namespace {

using jinja::Value;

/// dbt_project.yml of one package; YAML may ask for var, env_var and target.
Result<Package> read_package(const std::string& folder, bool is_root, Project& project, const Target& target,
                             const Invocation& invocation) {
  const std::string path = folder + "/dbt_project.yml";
  auto text = read_file(path);
  if (!text && text.error().kind == ErrorKind::not_found)
    return Error{ErrorKind::not_found,
                 fmt::format("{} is not there: {} is no dbt project", path, folder),
                 "go to a project, or name one with --project-dir",
                 {}};
  if (!text) return std::move(text).error();
  Package p;
  p.folder = folder;
  p.is_root = is_root;
  // Messages about a package say which one.
  const std::string shown =
      is_root ? "dbt_project.yml" : std::filesystem::path(folder).filename().string() + "/dbt_project.yml";
  const YamlScope scope(project, target, invocation, "");
  MR_TRY(p.settings, read_settings(*text, shown, scope, project.warnings));
  p.name = p.settings.name;
  return p;
}

std::string shown_path(const Package& package, const std::string& path) {
  return package.is_root ? path : package.name + "/" + path;
}

/// Without blanks at both ends, as dbt takes the text of a file.
std::string stripped(std::string_view text) { return std::string(trimmed(text)); }

std::vector<std::string> fqn_of(const Package& package, std::string_view path) {
  std::vector<std::string> out{package.name};
  for (auto slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/')) {
    out.emplace_back(path.substr(0, slash));
    path.remove_prefix(slash + 1);
  }
  out.emplace_back(path.substr(0, path.rfind('.')));
  return out;
}

Node node_of(ResourceType type, const Package& package, const SourceFile& file, std::string_view tree,
             const Project& project) {
  Node n;
  n.type = type;
  n.package = package.name;
  n.path = file.path.substr(file.root.size() + 1);
  n.original_path = file.path;
  n.absolute_path = package.folder + "/" + file.path;
  n.fqn = fqn_of(package, n.path);
  n.name = n.fqn.back();
  n.alias = n.name;
  n.unique_id = fmt::format("{}.{}.{}", name_of(type), package.name, n.name);
  n.declared = {shown_path(package, file.path), 0, 0};
  add_tree(package.settings, tree, n.fqn, n.declared_config);
  if (!package.is_root) add_tree(project.root().settings, tree, n.fqn, n.overriding_config);
  return n;
}

Status add_sql(ResourceType type, const Package& package, const SourceFile& file, std::string_view tree,
               Project& project) {
  Node n = node_of(type, package, file, tree, project);
  n.raw_code = stripped(file.text);
  n.checksum = sha256_hex(n.raw_code);
  // Mistakes in the file are shown with the lines of the file: what is cut off in front is counted.
  const auto first = file.text.find_first_not_of(" \t\r\n\f\v");
  if (first != std::string::npos)
    n.first_line +=
        static_cast<int>(std::count(file.text.begin(), file.text.begin() + static_cast<std::ptrdiff_t>(first), '\n'));
  auto added = add_node(project, std::move(n));
  return added ? ok() : Status(std::move(added).error());
}

Status add_macro(const Package& package, const SourceFile& file, const Block& block, Project& project) {
  Macro m;
  m.is_test = block.kind == "test" || block.kind == "data_test";
  m.name = m.is_test ? "test_" + block.name : block.name;
  m.package = package.name;
  m.unique_id = fmt::format("macro.{}.{}", package.name, m.name);
  m.path = m.original_path = file.path;
  m.text = std::string(block.text);
  m.line = block.line;
  jinja::ParseOptions options;
  options.start = {static_cast<std::size_t>(block.line), static_cast<std::size_t>(block.column)};
  options.macro_tags = {"test", "data_test"};
  MR_TRY(const jinja::Template parsed, jinja::parse(m.text, shown_path(package, file.path), options));
  MR_TRY(m.callable, parsed.macro(block.name));
  std::vector<std::uint32_t>& namesakes = project.macros_by_name[m.name];
  for (const std::uint32_t other : namesakes)
    if (project.macros[other].package == package.name)
      return Error{ErrorKind::invalid_input,
                   fmt::format("{}:{}: macro \"{}\" is defined already, in {}:{}", shown_path(package, file.path),
                               m.line, m.name, project.macros[other].path, project.macros[other].line),
                   "give one of the two another name",
                   {}};
  namesakes.push_back(static_cast<std::uint32_t>(project.macros.size()));
  project.macros.push_back(std::move(m));
  return ok();
}

Status add_macros(const Package& package, const SourceFile& file, Project& project) {
  MR_TRY(const auto blocks, scan_blocks(file.text, shown_path(package, file.path),
                                        {"macro", "test", "data_test", "materialization", "snapshot"}));
  for (const Block& block : blocks) {
    if (block.kind == "materialization")
      project.warnings.push_back(
          {fmt::format("{}:{}", shown_path(package, file.path), block.line),
           fmt::format("materialization \"{}\" of the project's own is not used: millrace brings "
                       "view, table, incremental, ephemeral and seed",
                       block.name),
           ""});
    else if (block.kind != "snapshot")
      MR_CHECK(add_macro(package, file, block, project));
  }
  return ok();
}

Status add_docs(const Package& package, const SourceFile& file, Project& project) {
  MR_TRY(const auto blocks, scan_blocks(file.text, shown_path(package, file.path), {"docs"}));
  for (const Block& block : blocks) project.docs[package.name + "." + block.name] = stripped(block.body);
  return ok();
}

Status add_snapshot_files(const Package& package, const SourceFile& file, Project& project) {
  MR_TRY(const auto blocks, scan_blocks(file.text, shown_path(package, file.path), {"snapshot"}));
  for (const Block& block : blocks) {
    Node n = node_of(ResourceType::snapshot, package, file, "snapshots", project);
    n.name = n.alias = n.fqn.back() = block.name;
    n.unique_id = fmt::format("snapshot.{}.{}", package.name, block.name);
    n.raw_code = stripped(block.body);
    n.checksum = sha256_hex(n.raw_code);
    n.first_line = block.line;
    auto added = add_node(project, std::move(n));
    if (!added) return std::move(added).error();
  }
  return ok();
}

Status add_seed(const Package& package, const SourceFile& file, Project& project) {
  Node n = node_of(ResourceType::seed, package, file, "seeds", project);
  n.checksum = sha256_hex(stripped(file.text));
  auto added = add_node(project, std::move(n));
  return added ? ok() : Status(std::move(added).error());
}

Status refuse_python(const Package& package, const SourceFile& file) {
  return Error{ErrorKind::unsupported,
               fmt::format("{}: millrace runs SQL models only", shown_path(package, file.path)),
               "write it in SQL, or move it out of model-paths",
               {}};
}

/// Everything of one package but its properties, which want to see it.
Status add_files(const Package& package, const SourceFiles& files, Project& project) {
  for (const SourceFile& f : files.docs) MR_CHECK(add_docs(package, f, project));
  for (const SourceFile& f : files.macros) MR_CHECK(add_macros(package, f, project));
  for (const SourceFile& f : files.python) MR_CHECK(refuse_python(package, f));
  for (const SourceFile& f : files.models) MR_CHECK(add_sql(ResourceType::model, package, f, "models", project));
  for (const SourceFile& f : files.seeds) MR_CHECK(add_seed(package, f, project));
  for (const SourceFile& f : files.snapshots) MR_CHECK(add_snapshot_files(package, f, project));
  for (const SourceFile& f : files.analyses) MR_CHECK(add_sql(ResourceType::analysis, package, f, "analyses", project));
  for (const SourceFile& f : files.tests) MR_CHECK(add_sql(ResourceType::test, package, f, "tests", project));
  return ok();
}

/// YAML takes most of the time of a large project: files are parsed on two threads.
Status parse_properties(const std::vector<SourceFiles>& all, const Project& project, std::vector<PropertiesFile>& out) {
  struct Job {
    const SourceFile* file;
    std::size_t package;
    Result<yaml::Node> node = yaml::Node{};
  };
  std::vector<Job> jobs;
  for (std::size_t p = 0; p < all.size(); ++p)
    for (const SourceFile& f : all[p].properties) jobs.push_back({&f, p});
  const auto work = [&jobs, &project](std::size_t from) {
    for (std::size_t i = from; i < jobs.size(); i += 2)
      jobs[i].node = yaml::parse(jobs[i].file->text, shown_path(project.packages[jobs[i].package], jobs[i].file->path),
                                 yaml::Leniency{true});
  };
  if (jobs.size() > 8) {
    const std::jthread other(work, 1);
    work(0);
  } else {
    work(0);
    work(1);
  }
  for (Job& job : jobs) {
    if (!job.node) return std::move(job.node).error();
    out.push_back({job.file->path, job.package, *std::move(job.node)});
  }
  return ok();
}

}  // namespace

Result<Project> read_project(const std::string& folder, const Target& target, const Invocation& invocation) {
  Project project;
  project.folder = std::filesystem::absolute(folder).lexically_normal().string();
  while (project.folder.size() > 1 && project.folder.ends_with('/')) project.folder.pop_back();
  // Vars of dbt_project.yml may be asked for by dbt_project.yml's other keys only from the command line.
  MR_TRY(Package root, read_package(project.folder, true, project, target, invocation));
  project.name = root.name;
  project.packages.push_back(std::move(root));
  MR_TRY(const std::vector<std::string> folders, package_folders(project.root()));
  for (const std::string& f : folders) {
    MR_TRY(Package p, read_package(f, false, project, target, invocation));
    if (const Package* other = project.package(p.name))
      return Error{ErrorKind::invalid_input,
                   fmt::format("two packages are called {}: {} and {}", p.name, other->folder, p.folder),
                   "remove one of the two",
                   {}};
    project.packages.push_back(std::move(p));
  }
  std::vector<SourceFiles> files;
  Sha256 digest;
  for (const Package& p : project.packages) {
    MR_TRY(SourceFiles f, read_source_files(p.folder, p.settings, digest));
    files.push_back(std::move(f));
  }
  for (std::size_t p = 0; p < files.size(); ++p) MR_CHECK(add_files(project.packages[p], files[p], project));
  std::vector<PropertiesFile> properties;
  MR_CHECK(parse_properties(files, project, properties));
  MR_CHECK(apply_properties(properties, project, target, invocation));
  project.digest = digest.hex_digest();
  return project;
}

Result<std::string> digest_of(const std::string& folder, const Target& target, const Invocation& invocation) {
  Project project;
  project.folder = folder;
  MR_TRY(Package root, read_package(folder, true, project, target, invocation));
  MR_TRY(const std::vector<std::string> folders, package_folders(root));
  Sha256 digest;
  std::set<std::string> asked;
  const auto add = [&](const Package& p) -> Status {
    MR_TRY(const SourceFiles files, read_source_files(p.folder, p.settings, digest));
    for_each_file(files, [&](const SourceFile& f) { find_environment_names(f.text, asked); });
    return ok();
  };
  MR_CHECK(add(root));
  for (const std::string& f : folders) {
    MR_TRY(const Package p, read_package(f, false, project, target, invocation));
    MR_CHECK(add(p));
  }
  asked.insert(project.environment_read.begin(), project.environment_read.end());
  for (const std::string& name : asked) {
    const auto value = invocation.environment ? invocation.environment(name) : std::nullopt;
    digest.update(name);
    digest.update(value ? "=" + *value : std::string(" is not set"));
    digest.update(std::string_view("\0", 1));
  }
  return digest.hex_digest();
}

}  // namespace millrace::transform
