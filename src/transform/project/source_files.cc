#include "transform/project/source_files.h"

#include <dirent.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <memory>

#include "base/files.h"

namespace millrace::transform {
namespace {

constexpr int kMostDepth = 64;                 // a link that points at its own folder ends here
constexpr std::size_t kMostFolders = 200'000;  // and several of them, which would multiply, here

struct CloseFolder {
  void operator()(DIR* d) const { ::closedir(d); }
};

/// Paths of all files below `folder`/`path`, relative to `folder`.
Status walk(const std::string& folder, const std::string& path, int depth, std::size_t& folders,
            std::vector<std::string>& out) {
  const std::string absolute = folder + "/" + path;
  if (depth > kMostDepth || ++folders > kMostFolders)
    return Error{ErrorKind::invalid_input,
                 fmt::format("{}: found folders deeper than {} levels, or more than {} of them", absolute, kMostDepth,
                             kMostFolders),
                 "is there a link to a folder above it?",
                 {}};
  const std::unique_ptr<DIR, CloseFolder> dir(::opendir(absolute.c_str()));
  if (dir == nullptr) {
    if (errno == ENOENT || errno == ENOTDIR) return ok();  // paths of dbt_project.yml need not exist
    return error_of_errno(errno, absolute, "reading the folder");
  }
  while (const dirent* entry = ::readdir(dir.get())) {
    const std::string_view name = entry->d_name;
    if (name.starts_with('.')) continue;
    std::string child = path + "/" + std::string(name);
    unsigned char type = entry->d_type;
    if (type == DT_LNK || type == DT_UNKNOWN) {
      struct stat s {};
      if (::stat((folder + "/" + child).c_str(), &s) != 0) continue;
      type = S_ISDIR(s.st_mode) ? DT_DIR : S_ISREG(s.st_mode) ? DT_REG : DT_UNKNOWN;
    }
    if (type == DT_DIR)
      MR_CHECK(walk(folder, child, depth + 1, folders, out));
    else if (type == DT_REG)
      out.push_back(std::move(child));
  }
  return ok();
}

std::string_view ending_of(std::string_view path) {
  const auto dot = path.rfind('.');
  return dot == std::string_view::npos || path.find('/', dot) != std::string_view::npos ? "" : path.substr(dot);
}

enum class Use : std::uint8_t { macro, model, seed, snapshot, analysis, test };

/// Where a file below a path of this use belongs; null: nowhere.
std::vector<SourceFile>* list_for(SourceFiles& files, Use use, std::string_view path) {
  const std::string_view ending = ending_of(path);
  if (ending == ".yml" || ending == ".yaml") return &files.properties;
  if (ending == ".md") return &files.docs;
  if (use == Use::seed) return ending == ".csv" ? &files.seeds : nullptr;
  if (ending == ".py") return use == Use::model ? &files.python : nullptr;
  if (ending != ".sql") return nullptr;
  switch (use) {
    case Use::macro: return &files.macros;
    case Use::model: return &files.models;
    case Use::snapshot: return &files.snapshots;
    case Use::analysis: return &files.analyses;
    case Use::test: return path.find("/generic/") != std::string_view::npos ? &files.macros : &files.tests;
    case Use::seed: break;
  }
  return nullptr;
}

}  // namespace

Result<SourceFiles> read_source_files(const std::string& folder, const Settings& settings, Sha256& digest) {
  SourceFiles out;
  std::set<std::string> seen;  // a path may stand below two roots
  const auto add = [&](const std::vector<std::string>& roots, Use use) -> Status {
    for (const std::string& root : roots) {
      std::vector<std::string> paths;
      std::size_t folders = 0;
      MR_CHECK(walk(folder, root, 0, folders, paths));
      std::sort(paths.begin(), paths.end());
      for (std::string& path : paths) {
        std::vector<SourceFile>* list = list_for(out, use, path);
        if (list == nullptr || !seen.insert(path).second) continue;
        MR_TRY(std::string text, read_file(folder + "/" + path));
        list->push_back({root, std::move(path), std::move(text)});
      }
    }
    return ok();
  };
  MR_CHECK(add(settings.macro_paths, Use::macro));
  MR_CHECK(add(settings.test_paths, Use::test));
  MR_CHECK(add(settings.model_paths, Use::model));
  MR_CHECK(add(settings.seed_paths, Use::seed));
  MR_CHECK(add(settings.snapshot_paths, Use::snapshot));
  MR_CHECK(add(settings.analysis_paths, Use::analysis));
  MR_CHECK(add(settings.docs_paths, Use::analysis));
  MR_TRY(const std::string project, read_file(folder + "/dbt_project.yml"));
  digest.update(project);
  for_each_file(out, [&digest](const SourceFile& f) {
    digest.update(f.path);
    digest.update(std::string_view("\0", 1));
    digest.update(fmt::format("{}\n", f.text.size()));
    digest.update(f.text);
  });
  return out;
}

void find_environment_names(std::string_view text, std::set<std::string>& names) {
  constexpr std::string_view kCall = "env_var";
  for (auto at = text.find(kCall); at != std::string_view::npos; at = text.find(kCall, at + 1)) {
    std::string_view rest = text.substr(at + kCall.size());
    const auto quote = rest.find_first_not_of(" \t\r\n(");
    if (quote == std::string_view::npos || (rest[quote] != '\'' && rest[quote] != '"')) continue;
    const char mark = rest[quote];
    rest.remove_prefix(quote + 1);
    names.emplace(rest.substr(0, rest.find(mark)));
  }
}

}  // namespace millrace::transform
