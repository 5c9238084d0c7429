#include "lake/local/local_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "base/failpoint.h"
#include "base/files.h"
#include "base/sha256.h"
#include "base/words.h"

namespace millrace::lake {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestKey = 1024, kLongestPart = 255;
constexpr std::size_t kLongestTemporary = 230;  // with what goes around it

/// Hidden, beside the file that it becomes.
fs::path temporary_for(const fs::path& to) {
  const std::string name = to.filename().string();
  // A long name has no room for more: its digest stands for it.
  return to.parent_path() / fmt::format(".{}.millrace-new", name.size() <= kLongestTemporary ? name : sha256_hex(name));
}

WallTime to_wall(const struct timespec& t) {
  return WallTime{std::chrono::seconds(t.tv_sec) + std::chrono::microseconds(t.tv_nsec / 1000)};
}

Status copy_bytes(int from, int to, const fs::path& path) {
  std::vector<char> buffer(1 << 20);
  while (true) {
    const ssize_t n = ::read(from, buffer.data(), buffer.size());
    if (n == 0) return ok();
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return error_of_errno(errno, path, "reading");
    for (ssize_t done = 0; done < n;) {
      const ssize_t w = ::write(to, buffer.data() + done, static_cast<std::size_t>(n - done));
      if (w < 0 && errno == EINTR) continue;
      if (w < 0) return error_of_errno(errno, path, "writing");
      done += w;
    }
  }
}

}  // namespace

Status check_local_key(std::string_view key) {
  const auto refused = [&](std::string_view why) {
    return Error{ErrorKind::invalid_input,
                 fmt::format("{}: {}: a folder cannot hold this key", printable(key, 4096), why),
                 "give the object another key, or keep the lake in an object store",
                 {}};
  };
  if (key.size() > kLongestKey)
    return refused(fmt::format("found {} bytes, expected {} at the most", key.size(), kLongestKey));
  if (key.find('\0') != std::string_view::npos) return refused("it holds a NUL byte");
  for (std::string_view rest = key;;) {
    const auto slash = rest.find('/');
    const std::string_view part = rest.substr(0, slash);
    if (part.empty()) return refused("a part of it is empty");
    if (part == "." || part == "..") return refused(fmt::format("it holds the part \"{}\"", part));
    if (part.size() > kLongestPart)
      return refused(fmt::format("a part has {} bytes, expected {} at the most", part.size(), kLongestPart));
    if (slash == std::string_view::npos) return ok();
    rest.remove_prefix(slash + 1);
  }
}

Status copy_durably(const fs::path& from, const fs::path& to, Existing existing) {
  const fs::path temporary = temporary_for(to);
  const Fd in(::open(from.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!in.valid()) return error_of_errno(errno, from, "opening");
  const Fd out(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644));
  if (!out.valid()) return error_of_errno(errno, temporary, "creating");
  MR_CHECK(copy_bytes(in.get(), out.get(), temporary));
  if (::fsync(out.get()) != 0) return error_of_errno(errno, temporary, "syncing");
  MR_FAILPOINT("lake.copy.before_rename");
  const unsigned flags = existing == Existing::replace ? 0 : RENAME_NOREPLACE;
  if (::renameat2(AT_FDCWD, temporary.c_str(), AT_FDCWD, to.c_str(), flags) != 0)
    return error_of_errno(errno, to, "renaming");
  return ok();
}

ObjectInfo info_of_stat(const struct stat& st, std::string key) {
  ObjectInfo info;
  info.key = std::move(key);
  info.size_bytes = static_cast<std::uint64_t>(st.st_size);
  info.modified = to_wall(st.st_mtim);
  // Not st_ctim: a hard link or a chmod changes it without changing a byte.
  info.version = fmt::format("{}-{}-{}.{:09}", st.st_ino, st.st_size, st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
  return info;
}

Status make_folders(const fs::path& root, const fs::path& below) {
  fs::path at = root;
  for (const fs::path& part : below) {
    const fs::path parent = at;
    at /= part;
    MR_FAILPOINT("lake.mkdir.before");
    if (::mkdir(at.c_str(), 0755) == 0) {
      MR_CHECK(sync_folder(parent));
    } else if (errno != EEXIST) {
      return error_of_errno(errno, at, "creating the folder");
    }
  }
  return ok();
}

Result<bool> link_or_copy(const fs::path& from, const fs::path& to) {
  // The bytes first: a rename or link may otherwise reach the disk before what it names.
  const Fd fd(::open(from.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!fd.valid()) return error_of_errno(errno, from, "opening");
  if (::fsync(fd.get()) != 0) return error_of_errno(errno, from, "syncing");
  if (::link(from.c_str(), to.c_str()) == 0) return true;
  if (errno == EPERM || errno == EXDEV || errno == EOPNOTSUPP || errno == EMLINK) {
    MR_CHECK(copy_durably(from, to, Existing::refuse));
    return false;
  }
  return error_of_errno(errno, to, "linking");
}

Status remove_source(const fs::path& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return error_of_errno(errno, path, "removing");
  MR_FAILPOINT("lake.move.unlink.before_sync");
  return sync_folder(path.parent_path());
}

bool is_same_file(const fs::path& a, const fs::path& b) {
  struct stat x {
  }, y{};
  return ::lstat(a.c_str(), &x) == 0 && ::lstat(b.c_str(), &y) == 0 && x.st_ino == y.st_ino && x.st_dev == y.st_dev;
}

}  // namespace millrace::lake
