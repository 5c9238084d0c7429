#include "transform/project/packages.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/files.h"
#include "base/words.h"
#include "base/yaml.h"

namespace millrace::transform {
namespace {

namespace fs = std::filesystem;

/// Folders below dbt_packages/ that are packages.
std::vector<std::string> vendored(const fs::path& folder) {
  std::vector<std::string> out;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(folder, failed)) {
    std::error_code none;
    if (fs::exists(entry.path() / "dbt_project.yml", none)) out.push_back(entry.path().string());
  }
  std::sort(out.begin(), out.end());
  return out;
}

struct Wanted {
  std::string name;   ///< the last part of "calogica/dbt_date", of a git url, or of a folder
  std::string local;  ///< a folder; "" for one that must be vendored
  int line = 0, column = 0;
};

std::string last_part(std::string_view path) {
  while (path.ends_with('/')) path.remove_suffix(1);
  if (path.ends_with(".git")) path.remove_suffix(4);
  const auto slash = path.rfind('/');
  return std::string(slash == std::string_view::npos ? path : path.substr(slash + 1));
}

Result<std::vector<Wanted>> read_list(const std::string& path, const std::string& shown) {
  std::vector<Wanted> out;
  auto text = read_file(path);
  if (!text)
    return text.error().kind == ErrorKind::not_found ? Result<std::vector<Wanted>>(out) : std::move(text).error();
  MR_TRY(const yaml::Node root, yaml::parse(*text, shown, yaml::Leniency{true}));
  const yaml::Node* list = root.find("packages");
  if (list == nullptr || list->kind != yaml::Node::Kind::sequence) return out;
  for (const yaml::Node& item : list->items) {
    Wanted w;
    w.line = item.line;
    w.column = item.column;
    if (const yaml::Node* local = item.find("local"); local != nullptr && local->is_text()) {
      w.local = local->scalar;
      w.name = last_part(w.local);
    }
    for (const std::string_view key : {"package", "git", "tarball", "private"})
      if (const yaml::Node* named = item.find(key); named != nullptr && named->is_text())
        w.name = last_part(named->scalar);
    if (const yaml::Node* name = item.find("name"); name != nullptr && name->is_text()) w.name = name->scalar;
    out.push_back(std::move(w));
  }
  return out;
}

}  // namespace

Result<std::vector<std::string>> package_folders(const Package& root) {
  const fs::path folder(root.folder);
  std::vector<std::string> out = vendored(folder / root.settings.packages_path);
  std::set<std::string> names;
  for (const std::string& p : out) names.insert(last_part(p));
  for (const char* file : {"packages.yml", "dependencies.yml"}) {
    MR_TRY(const std::vector<Wanted> list, read_list((folder / file).string(), file));
    for (const Wanted& w : list) {
      // A local package is installed as a link in dbt_packages/; where it is not, its folder is as good.
      if (!w.local.empty() && !names.contains(w.name)) {
        const fs::path local = fs::path(w.local).is_absolute() ? fs::path(w.local) : folder / w.local;
        std::error_code none;
        if (!fs::exists(local / "dbt_project.yml", none))
          return Error{ErrorKind::not_found,
                       fmt::format("{}:{}:{}: the local package {} is not there", file, w.line, w.column, w.local),
                       "correct the folder, or remove the package",
                       {}};
        out.push_back(local.lexically_normal().string());
        names.insert(w.name);
      }
      const bool there = names.contains(w.name) || std::any_of(names.begin(), names.end(), [&](const std::string& n) {
                           // Folders are called as the package calls itself: dbt_utils for dbt-labs/dbt-utils.
                           std::string other = w.name;
                           std::replace(other.begin(), other.end(), '-', '_');
                           return n == other;
                         });
      if (w.local.empty() && !w.name.empty() && !there)
        return Error{ErrorKind::not_found,
                     fmt::format("{}:{}:{}: the package {} is not in {}", file, w.line, w.column, w.name,
                                 root.settings.packages_path),
                     fmt::format("run `dbt deps`, or copy the package into {}/{}: millrace fetches nothing",
                                 root.settings.packages_path, w.name),
                     {}};
    }
  }
  return out;
}

}  // namespace millrace::transform
