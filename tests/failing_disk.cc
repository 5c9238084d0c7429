/// A disk that fails: preloaded (LD_PRELOAD) into a process, makes its K-th change of a file below a folder fail.
/// Writes, truncations, syncs and renames are counted, those of libraries too.
///
///   MILLRACE_FAIL_UNDER   the folder, absolute
///   MILLRACE_FAIL_AT      K, from 1; 0: nothing fails
///   MILLRACE_FAIL_ERRNO   the number of the error
///   MILLRACE_FAIL_EVER    set: all later ones fail as well
///   MILLRACE_FAIL_COUNT   a file that gets the number of changes when the process ends
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

std::atomic<long> changes{0};

long number_of(const char* name) {
  const char* text = std::getenv(name);
  return text == nullptr ? 0 : std::atol(text);
}

bool is_below(const char* path) {
  const char* folder = std::getenv("MILLRACE_FAIL_UNDER");
  return folder != nullptr && std::strncmp(path, folder, std::strlen(folder)) == 0;
}

bool is_below(int fd) {
  char link[64], path[4096];
  std::snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
  const ssize_t n = ::readlink(link, path, sizeof(path) - 1);
  if (n <= 0) return false;
  path[n] = '\0';
  return is_below(path);
}

/// Counts one change; true: it is to fail, and errno says how.
template <class Where>
bool fails(Where where) {
  if (!is_below(where)) return false;
  static const long at = number_of("MILLRACE_FAIL_AT");
  static const bool ever = std::getenv("MILLRACE_FAIL_EVER") != nullptr;
  const long n = ++changes;
  if (at == 0 || (ever ? n < at : n != at)) return false;
  errno = static_cast<int>(number_of("MILLRACE_FAIL_ERRNO"));
  return true;
}

template <class Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

struct AtExit {
  ~AtExit() {
    const char* path = std::getenv("MILLRACE_FAIL_COUNT");
    if (path == nullptr) return;
    if (std::FILE* f = std::fopen(path, "w")) {
      std::fprintf(f, "%ld\n", changes.load());
      std::fclose(f);
    }
  }
} at_exit;

}  // namespace

extern "C" {

ssize_t write(int fd, const void* bytes, size_t n) {
  static const auto real = next<ssize_t (*)(int, const void*, size_t)>("write");
  return fails(fd) ? -1 : real(fd, bytes, n);
}
ssize_t pwrite(int fd, const void* bytes, size_t n, off_t at) {
  static const auto real = next<ssize_t (*)(int, const void*, size_t, off_t)>("pwrite");
  return fails(fd) ? -1 : real(fd, bytes, n, at);
}
ssize_t pwrite64(int fd, const void* bytes, size_t n, off64_t at) {
  static const auto real = next<ssize_t (*)(int, const void*, size_t, off64_t)>("pwrite64");
  return fails(fd) ? -1 : real(fd, bytes, n, at);
}
ssize_t writev(int fd, const struct iovec* parts, int n) {
  static const auto real = next<ssize_t (*)(int, const struct iovec*, int)>("writev");
  return fails(fd) ? -1 : real(fd, parts, n);
}
int ftruncate(int fd, off_t size) noexcept {
  static const auto real = next<int (*)(int, off_t)>("ftruncate");
  return fails(fd) ? -1 : real(fd, size);
}
int ftruncate64(int fd, off64_t size) noexcept {
  static const auto real = next<int (*)(int, off64_t)>("ftruncate64");
  return fails(fd) ? -1 : real(fd, size);
}
int fsync(int fd) {
  static const auto real = next<int (*)(int)>("fsync");
  return fails(fd) ? -1 : real(fd);
}
int fdatasync(int fd) {
  static const auto real = next<int (*)(int)>("fdatasync");
  return fails(fd) ? -1 : real(fd);
}
int rename(const char* from, const char* to) noexcept {
  static const auto real = next<int (*)(const char*, const char*)>("rename");
  return fails(to) ? -1 : real(from, to);
}
int renameat(int from_folder, const char* from, int to_folder, const char* to) noexcept {
  static const auto real = next<int (*)(int, const char*, int, const char*)>("renameat");
  return (to_folder == AT_FDCWD ? fails(to) : fails(to_folder)) ? -1 : real(from_folder, from, to_folder, to);
}
int renameat2(int from_folder, const char* from, int to_folder, const char* to, unsigned flags) noexcept {
  static const auto real = next<int (*)(int, const char*, int, const char*, unsigned)>("renameat2");
  return (to_folder == AT_FDCWD ? fails(to) : fails(to_folder)) ? -1 : real(from_folder, from, to_folder, to, flags);
}

}  // extern "C"
