#include "lake/s3/run_program.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <cstdlib>

#include "testing/temp_folder.h"

namespace millrace::lake::s3 {
namespace {

using namespace std::chrono_literals;

Result<std::string> shell(const std::string& script, std::chrono::milliseconds patience = 60s) {
  return run_program({"sh", "-c", script}, patience);
}

TEST(RunProgramTest, gives_what_the_program_prints_and_nothing_of_its_complaints) {
  const auto text = shell("echo out; echo complaint >&2; cat");

  ASSERT_TRUE(text) << text.error().message;
  EXPECT_EQ(*text, "out\n");
}

TEST(RunProgramTest, says_how_a_program_failed_but_not_what_it_printed) {
  const auto failed = shell("echo canary; echo canary >&2; exit 3");
  const auto killed = shell("kill -9 $$");
  const auto missing = run_program({"/nonexistent/helper"}, 60s);

  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, ErrorKind::unavailable);
  EXPECT_EQ(failed.error().message, "credential_process sh: it ended with exit code 3");
  EXPECT_EQ(killed.error().message, "credential_process sh: it was ended by signal 9");
  EXPECT_EQ(missing.error().kind, ErrorKind::not_found);
  EXPECT_EQ(run_program({}, 60s).error().kind, ErrorKind::invalid_input);
}

TEST(RunProgramTest, ends_a_program_that_takes_too_long_with_all_it_started) {
  const testing::TempFolder folder;
  const std::string file = (folder.path() / "pid").string();

  const auto late = shell("sleep 600 & echo $! >" + file + "; wait", 8s);

  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().kind, ErrorKind::deadline_exceeded);
  const int child = std::atoi(folder.read("pid").c_str());
  ASSERT_GT(child, 0);
  for (int i = 0; i < 600 && kill(child, 0) == 0; ++i) {  // until init has taken note of it
    const std::string stat = "grep -q '^State:.Z' /proc/" + std::to_string(child) + "/status";
    if (std::system(stat.c_str()) == 0) return;
    struct timespec pause {
      0, 100'000'000
    };
    nanosleep(&pause, nullptr);
  }
  EXPECT_NE(kill(child, 0), 0);
}

TEST(RunProgramTest, starts_a_program_that_may_be_ended_by_a_broken_pipe_although_we_are_not) {
  const auto before = signal(SIGPIPE, SIG_IGN);

  // The bit of SIGPIPE: whoever started us may have had others ignored.
  const auto text = shell("yes | head -n 1; trap '' PIPE; grep 'SigIgn:.*1[0-9a-f]\\{3\\}$' /proc/self/status");
  const auto plain = shell("grep 'SigIgn:.*0[0-9a-f]\\{3\\}$' /proc/self/status");

  signal(SIGPIPE, before);
  ASSERT_TRUE(text && plain);
  EXPECT_NE(text->find("SigIgn:"), std::string::npos) << *text;
}

TEST(RunProgramTest, reads_no_endless_output) {
  const auto endless = shell("yes canary");

  ASSERT_FALSE(endless);
  EXPECT_NE(endless.error().message.find("more than 1 MiB"), std::string::npos);
}

}  // namespace
}  // namespace millrace::lake::s3
