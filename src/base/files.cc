#include "base/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/failpoint.h"

namespace millrace {
namespace {

Status write_all(int fd, std::string_view text, const std::filesystem::path& path) {
  while (!text.empty()) {
    const ssize_t n = ::write(fd, text.data(), text.size());
    if (n < 0) {
      if (errno == EINTR) continue;
      return error_of_errno(errno, path, "writing");
    }
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return ok();
}

}  // namespace

Fd::~Fd() {
  if (fd_ >= 0) ::close(fd_);
}

Fd& Fd::operator=(Fd&& other) noexcept {
  if (this != &other) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = other.release();
  }
  return *this;
}

int Fd::release() { return std::exchange(fd_, -1); }

Error error_of_errno(int errnum, const std::filesystem::path& path, std::string_view what) {
  ErrorKind kind = ErrorKind::unavailable;
  std::string hint;
  switch (errnum) {
    case ENOENT:
    case ENOTDIR: kind = ErrorKind::not_found; break;
    case EACCES:
    case EPERM:
    case EROFS:
      kind = ErrorKind::permission_denied;
      hint = "give this user access to the path";
      break;
    case ENOSPC:
    case EDQUOT: hint = "free space on this file system; nothing was lost"; break;
    default: break;
  }
  return {kind, path.string() + ": " + std::string(what) + " failed: " + std::strerror(errnum), hint, {}};
}

Result<std::string> read_file(const std::filesystem::path& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return error_of_errno(errno, path, "opening");
  std::string out;
  char buffer[65536];
  while (true) {
    const ssize_t n = ::read(fd.get(), buffer, sizeof buffer);
    if (n == 0) return out;
    if (n < 0) {
      if (errno == EINTR) continue;
      return error_of_errno(errno, path, "reading");
    }
    out.append(buffer, static_cast<std::size_t>(n));
  }
}

Status sync_folder(const std::filesystem::path& folder) {
  MR_FAILPOINT("files.sync_folder.before");
  const Fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) return error_of_errno(errno, folder, "opening");
  if (::fsync(fd.get()) != 0) return error_of_errno(errno, folder, "syncing");
  return ok();
}

Status write_file_atomically(const std::filesystem::path& path, std::string_view text) {
  const std::filesystem::path temporary = path.string() + ".millrace-new";
  {
    MR_FAILPOINT("files.write.before");
    const Fd fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (!fd.valid()) return error_of_errno(errno, temporary, "creating");
    MR_CHECK(write_all(fd.get(), text, temporary));
    if (::fsync(fd.get()) != 0) return error_of_errno(errno, temporary, "syncing");
  }
  MR_FAILPOINT("files.rename.before");
  if (::rename(temporary.c_str(), path.c_str()) != 0) return error_of_errno(errno, path, "renaming");
  return sync_folder(path.has_parent_path() ? path.parent_path() : ".");
}

}  // namespace millrace
