#include "base/machine.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>

namespace millrace {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kGiB = 1ULL << 30;

/// A kernel that says what the test wrote.
struct MachineTest : ::testing::Test {
  MachineTest() {
    std::string name = (fs::temp_directory_path() / "millrace-machine-XXXXXX").string();
    root = ::mkdtemp(name.data());
    kernel = {root / "proc", root / "cgroup"};
    say("proc/meminfo", "MemTotal:       8388608 kB\nMemFree:        123 kB\n");
  }
  ~MachineTest() override { fs::remove_all(root); }
  void say(const std::string& file, const std::string& text) {
    fs::create_directories((root / file).parent_path());
    std::ofstream(root / file) << text;
  }
  fs::path root;
  KernelFiles kernel;
};

TEST_F(MachineTest, without_a_limit_the_memory_is_the_machines) {
  say("proc/self/cgroup", "0::/\n");
  say("cgroup/memory.max", "max\n");

  EXPECT_EQ(usable_memory_bytes(kernel), 8 * kGiB);
}

TEST_F(MachineTest, a_group_of_version_1_limits_it) {
  say("proc/self/cgroup", "5:devices:/a\n4:memory:/jobs/17\n0::/\n");
  say("cgroup/memory/jobs/17/memory.limit_in_bytes", "1073741824\n");
  say("cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");

  EXPECT_EQ(usable_memory_bytes(kernel), kGiB);
}

TEST_F(MachineTest, a_group_of_version_2_is_bound_by_those_around_it) {
  say("proc/self/cgroup", "0::/jobs/17/inner\n");
  say("cgroup/jobs/17/inner/memory.max", "max\n");
  say("cgroup/jobs/17/memory.max", "3221225472\n");
  say("cgroup/jobs/memory.max", "2147483648\n");

  EXPECT_EQ(usable_memory_bytes(kernel), 2 * kGiB);
}

TEST_F(MachineTest, a_container_that_sees_its_group_as_the_root_finds_the_limit_there) {
  say("proc/self/cgroup", "4:memory:/docker/8c1e\n");
  say("cgroup/memory/memory.limit_in_bytes", "536870912\n");

  EXPECT_EQ(usable_memory_bytes(kernel), kGiB / 2);
}

TEST_F(MachineTest, what_cannot_be_read_sets_no_limit) {
  EXPECT_EQ(usable_memory_bytes(kernel), 8 * kGiB);
  EXPECT_EQ(usable_memory_bytes({root / "nothing", root / "nowhere"}), 0U);
}

TEST_F(MachineTest, a_file_system_tells_its_free_bytes_and_a_missing_one_its_name) {
  const auto here = free_bytes_at(root);
  ASSERT_TRUE(here);
  EXPECT_GT(*here, 0U);

  const auto gone = free_bytes_at(root / "gone");
  ASSERT_FALSE(gone);
  EXPECT_NE(gone.error().message.find("gone"), std::string::npos);
}

}  // namespace
}  // namespace millrace
