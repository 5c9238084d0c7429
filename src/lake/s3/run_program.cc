#include "lake/s3/run_program.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include <fmt/format.h>

#include "base/failpoint.h"
#include "base/files.h"
#include "base/words.h"

namespace millrace::lake::s3 {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kMostOutput = 1 << 20;

/// A started program, killed with its group where it has not ended by itself.
class Running {
 public:
  explicit Running(pid_t pid) : pid_(pid) {}
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running() {
    if (pid_ < 0) return;
    ::kill(-pid_, SIGKILL);
    wait();
  }
  /// The status of waitpid.
  int wait() {
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return status;
  }

 private:
  pid_t pid_;
};

struct SpawnSettings {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  explicit SpawnSettings(int out) {
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    sigset_t signals;  // ours may be ignored or blocked, which a program would inherit
    sigfillset(&signals);
    posix_spawnattr_setsigdefault(&attributes, &signals);
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes, &signals);
    posix_spawnattr_setpgroup(&attributes, 0);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;
  ~SpawnSettings() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
};

Error failed(const std::string& program, ErrorKind kind, std::string what) {
  return Error{kind,
               fmt::format("credential_process {}: {}", printable(program), what),
               "run the command by hand; it must print the credentials as JSON",
               {}};
}

Result<std::string> read_all(const Fd& out, const std::string& program, std::chrono::milliseconds patience) {
  const auto until = Clock::now() + patience;
  std::string text;
  std::array<char, 4096> piece{};
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now());
    if (left.count() <= 0) {
      return failed(program, ErrorKind::deadline_exceeded, fmt::format("not done within {}", to_words(patience)));
    }
    pollfd ready{out.get(), POLLIN, 0};
    const int count = poll(&ready, 1, static_cast<int>(left.count()));
    if (count < 0 && errno != EINTR) return error_of_errno(errno, program, "waiting for its output");
    if (count <= 0) continue;
    const ssize_t got = ::read(out.get(), piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return error_of_errno(errno, program, "reading its output");
    if (got == 0) return text;
    text.append(piece.data(), static_cast<std::size_t>(got));
    if (text.size() > kMostOutput) return failed(program, ErrorKind::unavailable, "it printed more than 1 MiB");
  }
}

}  // namespace

Result<std::string> run_program(const std::vector<std::string>& arguments, std::chrono::milliseconds patience) {
  if (arguments.empty()) return failed("", ErrorKind::invalid_input, "it names no program");
  MR_FAILPOINT("s3.credential_process.before");
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return error_of_errno(errno, arguments.front(), "making a pipe");
  const Fd out(ends[0]);
  Fd in(ends[1]);
  const SpawnSettings settings(in.get());
  std::vector<char*> words;
  for (const std::string& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  pid_t pid = -1;
  const int error = posix_spawnp(&pid, words.front(), &settings.actions, &settings.attributes, words.data(), environ);
  if (error != 0) {
    return failed(arguments.front(), error == ENOENT ? ErrorKind::not_found : ErrorKind::unavailable,
                  fmt::format("it cannot be started: {}", std::strerror(error)));
  }
  Running running(pid);
  in = Fd();
  MR_TRY(std::string text, read_all(out, arguments.front(), patience));
  const int status = running.wait();
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return text;
  return failed(arguments.front(), ErrorKind::unavailable,
                WIFEXITED(status) ? fmt::format("it ended with exit code {}", WEXITSTATUS(status))
                                  : fmt::format("it was ended by signal {}", WTERMSIG(status)));
}

}  // namespace millrace::lake::s3
