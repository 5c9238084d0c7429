#pragma once
/// \file base/files.h
/// Small files of the project: read whole, write so that a crash leaves the old or the new.

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"

namespace millrace {

/// Errors: not_found, permission_denied, unavailable; the message names the path.
Result<std::string> read_file(const std::filesystem::path& path);

/// Writes beside the target, syncs, renames, syncs the folder. Failpoints: files.write.*.
/// Requires: the folder exists.
Status write_file_atomically(const std::filesystem::path& path, std::string_view text);

/// fsync of a folder: makes renames and removals in it survive a power cut.
Status sync_folder(const std::filesystem::path& folder);

/// The error for a failed system call on `path`: kind by errno, message "path: what: reason".
Error error_of_errno(int errnum, const std::filesystem::path& path, std::string_view what);

/// Owns a file descriptor.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  ~Fd();
  Fd(Fd&& other) noexcept : fd_(other.release()) {}
  Fd& operator=(Fd&& other) noexcept;
  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool valid() const { return fd_ >= 0; }
  int release();

 private:
  int fd_ = -1;
};

}  // namespace millrace
