#include "transform/run/compiled_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "base/failpoint.h"
#include "base/files.h"

namespace millrace::transform {
namespace {

std::string test_file(const Node& node) {
  const std::size_t slash = node.path.rfind('/');
  const std::string last = slash == std::string::npos ? node.path : node.path.substr(slash + 1);
  if (last.ends_with(".sql")) return last;
  return (node.alias.empty() ? node.name : node.alias) + ".sql";
}

/// Most builds change few models: what stands there already is not written again.
bool holds_already(int file, std::int64_t size, std::string_view text) {
  if (size != static_cast<std::int64_t>(text.size())) return false;
  std::string there(text.size(), '\0');
  return ::pread(file, there.data(), there.size(), 0) == static_cast<ssize_t>(text.size()) && there == text;
}

/// The end is cut after writing: a file that is emptied first is flushed to the disk when it is closed.
Status put(int file, const std::string& path, std::string_view text) {
  struct stat facts {};
  if (::fstat(file, &facts) != 0) return error_of_errno(errno, path, "cannot read its size");
  if (holds_already(file, facts.st_size, text)) return ok();
  const auto size = static_cast<off_t>(text.size());
  while (!text.empty()) {
    const ssize_t n = ::write(file, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return error_of_errno(errno, path, "cannot write");
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  if (facts.st_size > size && ::ftruncate(file, size) != 0) return error_of_errno(errno, path, "cannot cut");
  return ok();
}

}  // namespace

std::string CompiledFiles::path_of(const Node& node, std::string_view kind) {
  std::string out = fmt::format("{}/{}/{}", kind, node.package, node.original_path);
  if (node.generic) out += "/" + test_file(node);
  return out;
}

std::string CompiledFiles::shown(const Node& node) const {
  if (folder_.empty()) return {};
  const std::size_t slash = folder_.rfind('/');
  return (slash == std::string::npos ? folder_ : folder_.substr(slash + 1)) + "/" + path_of(node, "compiled");
}

Status CompiledFiles::write_compiled(const Node& node) {
  if (folder_.empty()) return ok();
  return write(folder_ + "/" + path_of(node, "compiled"), node.compiled_code);
}

Status CompiledFiles::write_run(const Node& node, std::string_view sql) {
  if (folder_.empty()) return ok();
  return write(folder_ + "/" + path_of(node, "run"), sql);
}

Status CompiledFiles::write(const std::string& path, std::string_view text) {
  MR_FAILPOINT("transform.write.before");
  const std::string folder = path.substr(0, path.rfind('/'));
  if (made_.insert(folder).second) {
    std::error_code problem;
    std::filesystem::create_directories(folder, problem);
    if (problem) return error_of_errno(problem.value(), folder, "cannot make the folder");
  }
  const Fd file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
  if (!file.valid()) return error_of_errno(errno, path, "cannot write");
  return put(file.get(), path, text);
}

}  // namespace millrace::transform
