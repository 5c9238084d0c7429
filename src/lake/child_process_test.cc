#include "lake/child_process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

namespace millrace::lake {
namespace {

using namespace std::chrono_literals;

Result<ChildProcess> shell(const std::string& script, std::chrono::milliseconds patience = 10s) {
  const Fd input(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  return ChildProcess::start({"/bin/sh", "-c", script}, input, 3, patience);
}

std::string read_all(ChildProcess& child) {
  std::string out(1000, '\0');
  const auto n = child.read(out);
  return n ? out.substr(0, *n) : std::string(name_of(n.error().kind)) + ": " + n.error().message;
}

TEST(ChildProcessTest, gives_what_the_program_writes_and_its_good_end) {
  auto child = shell("printf hello; sleep 0.05; printf ' there'");
  ASSERT_TRUE(child) << child.error().message;

  EXPECT_EQ(read_all(*child), "hello there");
  EXPECT_EQ(child->wait(), "");
}

TEST(ChildProcessTest, the_input_is_the_descriptor_that_was_asked_for_and_no_secret_is_passed_on) {
  ::setenv("MILLRACE_TEST_SECRET", "hunter2", 1);
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  const Fd input(ends[0]);
  ASSERT_EQ(::write(ends[1], "from the file", 13), 13);
  ::close(ends[1]);
  auto child = ChildProcess::start({"/bin/sh", "-c", "cat <&7; printf \"[$MILLRACE_TEST_SECRET]\""}, input, 7, 10s);
  ASSERT_TRUE(child);

  EXPECT_EQ(read_all(*child), "from the file[]");
}

TEST(ChildProcessTest, a_bad_end_is_told_with_what_was_said_last) {
  auto failed = shell("printf some; echo 'the file is torn' >&2; exit 1");
  EXPECT_EQ(read_all(*failed), "some");
  EXPECT_EQ(failed->wait(), "the file is torn");
  auto silent = shell("exit 4");
  EXPECT_EQ(read_all(*silent), "");
  EXPECT_EQ(silent->wait(), "its reader ended with exit code 4");
  auto killed = shell("kill -9 $$");
  EXPECT_EQ(read_all(*killed), "");
  EXPECT_EQ(killed->wait(), "its reader died of signal 9 (Killed)");
}

TEST(ChildProcessTest, much_talk_on_stderr_does_not_stop_it) {
  auto child = shell(
      "i=0; while [ $i -lt 3000 ]; do echo 'a line of complaint that nobody reads' >&2; i=$((i+1)); done; printf x");

  EXPECT_EQ(read_all(*child), "x");
  EXPECT_EQ(child->wait(), "");
}

TEST(ChildProcessTest, a_silent_program_is_killed) {
  auto child = shell("printf a; sleep 100", 50ms);
  ASSERT_TRUE(child);

  EXPECT_EQ(read_all(*child), "deadline_exceeded: its reader said nothing for 0.05 s");
  EXPECT_NE(child->wait(), "");
}

TEST(ChildProcessTest, it_does_not_outlive_its_owner) {
  pid_t pid = 0;
  {
    auto child = shell("echo $$; sleep 100");
    std::string line(1, '\0'), digits;
    while (child->read(line) && line[0] != '\n') digits += line;
    pid = std::stoi(digits);
    EXPECT_EQ(::kill(pid, 0), 0);
  }
  EXPECT_NE(::kill(pid, 0), 0);
}

TEST(ChildProcessTest, a_program_that_is_not_there_is_an_error) {
  const Fd input(::open("/dev/null", O_RDONLY));
  const auto child = ChildProcess::start({"/nowhere/at/all"}, input, 3, 1s);

  ASSERT_FALSE(child);
  EXPECT_EQ(child.error().kind, ErrorKind::unavailable);
}

}  // namespace
}  // namespace millrace::lake
