#include "base/files.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "base/failpoint.h"

namespace millrace {
namespace {

struct FilesTest : ::testing::Test {
  FilesTest() {
    std::string name = (std::filesystem::temp_directory_path() / "millrace-files-XXXXXX").string();
    folder = ::mkdtemp(name.data());
  }
  ~FilesTest() override {
    EXPECT_TRUE(failpoint::configure(""));
    std::filesystem::remove_all(folder);
  }
  std::filesystem::path folder;
};

TEST_F(FilesTest, what_is_written_is_read_back) {
  ASSERT_TRUE(write_file_atomically(folder / "a", std::string("x\0y", 3)));

  EXPECT_EQ(*read_file(folder / "a"), std::string("x\0y", 3));
}

TEST_F(FilesTest, a_write_that_fails_before_the_rename_leaves_the_old_file) {
  ASSERT_TRUE(write_file_atomically(folder / "a", "old"));
  ASSERT_TRUE(failpoint::configure("files.rename.before=error"));

  EXPECT_FALSE(write_file_atomically(folder / "a", "new"));

  EXPECT_EQ(*read_file(folder / "a"), "old");
}

TEST_F(FilesTest, a_missing_file_is_not_found_and_named) {
  const auto got = read_file(folder / "none");

  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, ErrorKind::not_found);
  EXPECT_EQ(got.error().message, (folder / "none").string() + ": opening failed: No such file or directory");
}

}  // namespace
}  // namespace millrace
