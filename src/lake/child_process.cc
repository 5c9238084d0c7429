#include "lake/child_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "base/failpoint.h"
#include "base/words.h"

namespace millrace::lake {
namespace {

constexpr std::size_t kMostComplaint = 4096;

Error not_started(int errnum, std::string_view what) {
  return {ErrorKind::unavailable,
          fmt::format("the reader of the file cannot be started: {}: {}", what, std::strerror(errnum)),
          {},
          {}};
}

/// What the dynamic linker and the sanitizers want to know, and nothing else.
std::vector<std::string> environment() {
  std::vector<std::string> out{"LANG=C.UTF-8"};
  for (const char* name : {"LD_LIBRARY_PATH", "ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"})
    if (const char* value = std::getenv(name); value != nullptr) out.push_back(fmt::format("{}={}", name, value));
  return out;
}

std::vector<char*> pointers_to(std::vector<std::string>& words) {
  std::vector<char*> out;
  for (std::string& word : words) out.push_back(word.data());
  out.push_back(nullptr);
  return out;
}

struct Pipe {
  Fd read, write;
  bool open() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return false;
    read = Fd(ends[0]);
    write = Fd(ends[1]);
    return true;
  }
};

}  // namespace

Result<ChildProcess> ChildProcess::start(const std::vector<std::string>& words, const Fd& input, int input_as,
                                         std::chrono::milliseconds patience) {
  MR_FAILPOINT("lake.child.before_start");
  Pipe out, err;
  if (!out.open() || !err.open()) return not_started(errno, "a pipe");
  posix_spawn_file_actions_t files;
  posix_spawnattr_t how;
  posix_spawn_file_actions_init(&files);
  posix_spawnattr_init(&how);
  posix_spawn_file_actions_adddup2(&files, out.write.get(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&files, err.write.get(), STDERR_FILENO);
  posix_spawn_file_actions_adddup2(&files, input.get(), input_as);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&how, &none);
  posix_spawnattr_setpgroup(&how, 0);
  posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
  std::vector<std::string> arguments = words, variables = environment();
  ChildProcess child;
  const int failed = ::posix_spawn(&child.pid_, arguments.front().c_str(), &files, &how, pointers_to(arguments).data(),
                                   pointers_to(variables).data());
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&how);
  if (failed != 0) {
    child.pid_ = -1;
    return not_started(failed, arguments.front());
  }
  child.out_ = std::move(out.read);
  child.err_ = std::move(err.read);
  child.patience_ = patience;
  return child;
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      out_(std::move(other.out_)),
      err_(std::move(other.err_)),
      err_open_(other.err_open_),
      complaint_(std::move(other.complaint_)),
      patience_(other.patience_) {}

ChildProcess::~ChildProcess() { kill(); }

void ChildProcess::kill() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) continue;
  pid_ = -1;
}

/// What it says on stderr is kept to the limit and drained beyond it, so that it never waits for us.
void ChildProcess::take_complaint() {
  std::array<char, 1024> piece{};
  const ssize_t n = ::read(err_.get(), piece.data(), piece.size());
  if (n < 0 && errno == EINTR) return;
  if (n <= 0)
    err_open_ = false;
  else if (complaint_.size() < kMostComplaint)
    complaint_.append(piece.data(), static_cast<std::size_t>(n));
}

/// Until stdout has bytes, or has ended.
Status ChildProcess::wait_for_bytes() {
  while (true) {
    std::array<pollfd, 2> waiting{{{out_.get(), POLLIN, 0}, {err_open_ ? err_.get() : -1, POLLIN, 0}}};
    const int n = ::poll(waiting.data(), waiting.size(), static_cast<int>(patience_.count()));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Error{ErrorKind::unavailable, fmt::format("waiting: {}", std::strerror(errno)), {}, {}};
    if (n == 0) {
      kill();
      return Error{
          ErrorKind::deadline_exceeded, fmt::format("its reader said nothing for {}", to_words(patience_)), {}, {}};
    }
    if (waiting[1].revents != 0) take_complaint();
    if (waiting[0].revents != 0) return ok();
  }
}

Result<std::size_t> ChildProcess::read(std::span<char> into) {
  MR_FAILPOINT("lake.child.before_read");
  std::size_t done = 0;
  while (done < into.size()) {
    MR_CHECK(wait_for_bytes());
    const ssize_t n = ::read(out_.get(), into.data() + done, into.size() - done);
    if (n == 0) break;
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Error{ErrorKind::unavailable, fmt::format("reading: {}", std::strerror(errno)), {}, {}};
    done += static_cast<std::size_t>(n);
  }
  return done;
}

std::string ChildProcess::wait() {
  if (pid_ < 0) return "it has been killed";
  while (err_open_) take_complaint();
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) continue;
  pid_ = -1;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  const std::string said = printable(trimmed(complaint_), 400);
  if (WIFSIGNALED(status))
    return fmt::format("its reader died of signal {} ({}){}{}", WTERMSIG(status), ::strsignal(WTERMSIG(status)),
                       said.empty() ? "" : ": ", said);
  return said.empty() ? fmt::format("its reader ended with exit code {}", WEXITSTATUS(status)) : said;
}

}  // namespace millrace::lake
