#include "app/sandbox.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <functional>

#include "testing/temp_folder.h"

namespace millrace::app {
namespace {

/// The exit code of a child that enters the sandbox and does `work` there.
int in_sandbox(const std::function<int()>& work, int parent = ::getpid()) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(enter_sandbox(parent, STDERR_FILENO, {}) ? work() : 99);
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

TEST(SandboxTest, files_are_not_written) {
  const testing::TempFolder folder;
  const std::string path = folder.write("a.txt", "as it was").string();

  EXPECT_EQ(in_sandbox([&] {
              const int fd = ::open(path.c_str(), O_WRONLY);
              return fd >= 0 && ::write(fd, "x", 1) == 1 ? 0 : errno;
            }),
            EFBIG);
  EXPECT_EQ(folder.read("a.txt"), "as it was");
}

TEST(SandboxTest, files_are_read_and_pipes_are_written) {
  const testing::TempFolder folder;
  const std::string path = folder.write("a.txt", "\x07").string();
  EXPECT_EQ(in_sandbox([&] {
              char c = 0;
              const int fd = ::open(path.c_str(), O_RDONLY);
              return fd >= 0 && ::read(fd, &c, 1) == 1 ? c : 0;
            }),
            7);
}

TEST(SandboxTest, a_child_whose_parent_is_gone_does_not_start) {
  EXPECT_EQ(in_sandbox([] { return 0; }, 1), 99);
}

}  // namespace
}  // namespace millrace::app
