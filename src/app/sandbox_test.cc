#include "app/sandbox.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <functional>

#include "app/landlock.h"
#include "testing/temp_folder.h"

namespace millrace::app {
namespace {

constexpr int kFile = STDERR_FILENO + 1;

/// The exit code of a child that enters the sandbox and does `work` there.
int in_sandbox(const std::function<int()>& work, int parent = ::getpid(), int file = -1) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (file >= 0) ::dup2(file, kFile);
    ::_exit(enter_sandbox(parent, file >= 0 ? kFile : STDERR_FILENO, {}) ? work() : 99);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

TEST(SandboxTest, there_is_no_network_and_no_other_program) {
  EXPECT_EQ(in_sandbox([] { return ::socket(AF_INET, SOCK_STREAM, 0) < 0 ? errno : 0; }), EPERM);
  EXPECT_EQ(in_sandbox([] {
              char name[] = "/bin/true";
              char* const words[] = {name, nullptr};
              return ::execv(name, words) < 0 ? errno : 0;
            }),
            EPERM);
}

TEST(SandboxTest, rings_through_which_the_kernel_would_do_it_all_are_closed) {
  EXPECT_EQ(in_sandbox([] {
              alignas(8) char parameters[256] = {};
              return ::syscall(SYS_io_uring_setup, 4, parameters) < 0 ? errno : 0;
            }),
            EPERM);
  EXPECT_EQ(in_sandbox([] { return ::syscall(SYS_io_uring_enter, 0, 1, 0, 0, nullptr, 0) < 0 ? errno : 0; }), EPERM);
#if defined(__x86_64__)
  constexpr long kX32 = 0x40000000;
  EXPECT_EQ(in_sandbox([] { return ::syscall(kX32 + SYS_socket, AF_INET, SOCK_STREAM, 0) < 0 ? errno : 0; }), EPERM);
#endif
}

TEST(SandboxTest, no_file_is_opened_but_the_one_that_is_handed_over) {
  if (landlock_version() == 0) GTEST_SKIP() << "needs a kernel with Landlock";
  const testing::TempFolder folder;
  const std::string other = folder.write("b.txt", "secret").string();
  const int file = ::open(folder.write("a.txt", "\x07").c_str(), O_RDONLY | O_CLOEXEC);
  const auto opens = [](const std::string& path) { return ::open(path.c_str(), O_RDONLY) >= 0 ? 0 : errno; };

  EXPECT_EQ(in_sandbox([&] { return opens(other); }, ::getpid(), file), EACCES);
  EXPECT_EQ(in_sandbox([&] { return opens("/etc/passwd"); }, ::getpid(), file), EACCES);
  EXPECT_EQ(in_sandbox([&] { return opens("/proc/1/environ"); }, ::getpid(), file), EACCES);
  EXPECT_EQ(in_sandbox([&] { return opens("/proc/self/fd/3"); }, ::getpid(), file), 0);
  EXPECT_EQ(in_sandbox([&] { return opens("/proc/meminfo"); }, ::getpid(), file), 0);
  ::close(file);
}

TEST(SandboxTest, files_are_not_written) {
  const testing::TempFolder folder;
  const std::string path = folder.write("a.txt", "as it was").string();
  const int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC);

  EXPECT_EQ(in_sandbox([] { return ::write(kFile, "x", 1) == 1 ? 0 : errno; }, ::getpid(), file), EFBIG);
  const int by_name = in_sandbox([&] {
    const int fd = ::open(path.c_str(), O_WRONLY);
    return fd >= 0 && ::write(fd, "x", 1) == 1 ? 0 : errno;
  });
  EXPECT_EQ(by_name, landlock_version() > 0 ? EACCES : EFBIG);
  ::close(file);
  EXPECT_EQ(folder.read("a.txt"), "as it was");
}

TEST(SandboxTest, files_are_read_and_pipes_are_written) {
  const testing::TempFolder folder;
  const int file = ::open(folder.write("a.txt", "\x07").c_str(), O_RDONLY | O_CLOEXEC);
  EXPECT_EQ(in_sandbox(
                [&] {
                  char c = 0;
                  const int fd = ::open("/proc/self/fd/3", O_RDONLY);
                  return fd >= 0 && ::read(fd, &c, 1) == 1 && ::write(STDOUT_FILENO, "", 1) == 1 ? c : 0;
                },
                ::getpid(), file),
            7);
  ::close(file);
}

TEST(SandboxTest, a_child_whose_parent_is_gone_does_not_start) {
  EXPECT_EQ(in_sandbox([] { return 0; }, 1), 99);
}

}  // namespace
}  // namespace millrace::app
