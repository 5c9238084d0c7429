#include "base/machine.h"

#include <sys/statvfs.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <limits>
#include <string>
#include <string_view>

#include "base/files.h"
#include "base/words.h"

namespace millrace {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();

std::uint64_t number_in(std::string_view text, std::uint64_t otherwise) {
  text = trimmed(text);
  std::uint64_t out = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), out);
  return ec == std::errc{} && end == text.data() + text.size() ? out : otherwise;
}

/// The least limit of a group and of those around it, which bind it too.
std::uint64_t least_limit(const fs::path& mount, std::string_view group, const char* file) {
  std::uint64_t least = kNoLimit;
  for (fs::path at = fs::path(group).relative_path();; at = at.parent_path()) {
    if (const auto text = read_file(mount / at / file)) least = std::min(least, number_in(*text, kNoLimit));
    if (at.empty()) return least;
  }
}

/// A line of /proc/self/cgroup: "4:memory:/jobs/17" (version 1), "0::/jobs/17" (version 2).
std::uint64_t limit_of_line(std::string_view line, const fs::path& cgroup) {
  const auto first = line.find(':'), second = line.find(':', first + 1);
  if (second == std::string_view::npos) return kNoLimit;
  const std::string_view controller = line.substr(first + 1, second - first - 1), group = line.substr(second + 1);
  if (controller == "memory") return least_limit(cgroup / "memory", group, "memory.limit_in_bytes");
  if (!controller.empty()) return kNoLimit;
  return std::min(least_limit(cgroup, group, "memory.max"), least_limit(cgroup / "unified", group, "memory.max"));
}

std::uint64_t machine_memory(const fs::path& proc) {
  const auto text = read_file(proc / "meminfo");
  if (!text) return 0;
  constexpr std::string_view kTotal = "MemTotal:";
  const auto at = text->find(kTotal);
  if (at == std::string::npos) return 0;
  std::string_view rest = std::string_view(*text).substr(at + kTotal.size());
  rest = rest.substr(0, rest.find("kB"));
  return number_in(rest, 0) * 1024;
}

}  // namespace

Result<std::uint64_t> free_bytes_at(const fs::path& path) {
  struct statvfs s {};
  if (::statvfs(path.c_str(), &s) != 0) return error_of_errno(errno, path, "looking at");
  return static_cast<std::uint64_t>(s.f_bavail) * s.f_frsize;
}

std::uint64_t usable_memory_bytes(const KernelFiles& kernel) {
  const std::uint64_t machine = machine_memory(kernel.proc);
  std::uint64_t least = machine == 0 ? kNoLimit : machine;
  if (const auto groups = read_file(kernel.proc / "self/cgroup")) {
    for (std::string_view rest = *groups; !rest.empty();) {
      const auto end = std::min(rest.find('\n'), rest.size());
      least = std::min(least, limit_of_line(rest.substr(0, end), kernel.cgroup));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return least == kNoLimit ? 0 : least;
}

}  // namespace millrace
