#include "app/landlock.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>

namespace millrace::app {
namespace {

// As the kernel has them: headers of older systems lack the newer ones, or all.
struct RulesetAttributes {
  std::uint64_t handled_access_fs;
};
struct __attribute__((packed)) PathAttributes {
  std::uint64_t allowed_access;
  std::int32_t parent_fd;
};
constexpr long kCreateRuleset = 444, kAddRule = 445, kRestrictSelf = 446;
constexpr int kPathBeneath = 1;
constexpr unsigned kAskVersion = 1;
constexpr std::uint64_t kReadFile = 1U << 2, kReadFolder = 1U << 3;

/// All kinds of access that a version knows: what is not allowed by a rule is refused.
std::uint64_t access_of(int version) {
  std::uint64_t bits = (1U << 13) - 1;
  if (version >= 2) bits |= 1U << 13;  // to other folders
  if (version >= 3) bits |= 1U << 14;  // truncation
  if (version >= 5) bits |= 1U << 15;  // devices
  return bits;
}

// What engine and C library look up; nothing that belongs to a user.
constexpr std::array kMachine{"/proc/self",
                              "/proc/meminfo",
                              "/proc/cpuinfo",
                              "/proc/stat",
                              "/sys/fs/cgroup",
                              "/sys/devices/system/cpu",
                              "/usr/share/zoneinfo",
                              "/etc/localtime",
                              "/etc/ld.so.cache",
                              "/lib",
                              "/lib64",
                              "/usr/lib",
                              "/dev/null",
                              "/dev/urandom"};

Error failed(const char* what) {
  return {ErrorKind::internal, std::string("closing files: ") + what + ": " + std::strerror(errno), {}, {}};
}

Status allow(int ruleset, int fd) {
  struct stat what {};
  if (::fstat(fd, &what) != 0) return failed("fstat");
  const PathAttributes rule{S_ISDIR(what.st_mode) ? kReadFile | kReadFolder : kReadFile, fd};
  return ::syscall(kAddRule, ruleset, kPathBeneath, &rule, 0U) == 0 ? ok() : failed("landlock_add_rule");
}

Status allow_all(int ruleset, std::span<const int> readable) {
  for (const int fd : readable) MR_CHECK(allow(ruleset, fd));
  for (const char* path : kMachine) {
    const int fd = ::open(path, O_PATH | O_CLOEXEC);
    if (fd < 0) continue;  // not on this machine
    const Status done = allow(ruleset, fd);
    ::close(fd);
    if (!done) return done;
  }
  return ok();
}

}  // namespace

int landlock_version() {
  const long version = ::syscall(kCreateRuleset, nullptr, std::size_t{0}, kAskVersion);
  return version > 0 ? static_cast<int>(version) : 0;
}

Status confine_files(std::span<const int> readable) {
  const int version = landlock_version();
  if (version == 0) return ok();
  const RulesetAttributes attributes{access_of(version)};
  const int ruleset = static_cast<int>(::syscall(kCreateRuleset, &attributes, sizeof(attributes), 0U));
  if (ruleset < 0) return failed("landlock_create_ruleset");
  Status done = allow_all(ruleset, readable);
  if (done && ::syscall(kRestrictSelf, ruleset, 0U) != 0) done = failed("landlock_restrict_self");
  ::close(ruleset);
  return done;
}

}  // namespace millrace::app
