#include "ingest/blocked_files.h"

#include <gtest/gtest.h>

namespace millrace::ingest {
namespace {

using namespace std::chrono_literals;

const lake::ObjectInfo kFile{"landing/a.csv", 10, {}, "v1", ""};

TEST(BlockedFiles, a_file_is_told_once_and_tried_again_at_growing_pauses) {
  BlockedFiles files;
  SteadyTime now{};
  EXPECT_TRUE(files.may_try(kFile, now));
  EXPECT_TRUE(files.blocked(kFile, now));
  EXPECT_TRUE(files.may_try(kFile, now)) << "the first time at the next look";
  EXPECT_FALSE(files.blocked(kFile, now));
  EXPECT_FALSE(files.may_try(kFile, now + 999ms));
  EXPECT_TRUE(files.may_try(kFile, now + 1s));
  EXPECT_FALSE(files.blocked(kFile, now + 1s));
  EXPECT_FALSE(files.may_try(kFile, now + 2s));
  EXPECT_TRUE(files.may_try(kFile, now + 3s));
  for (int i = 0; i < 20; ++i) files.blocked(kFile, now);
  EXPECT_TRUE(files.may_try(kFile, now + 60s)) << "never rarer than once in a minute";
}

TEST(BlockedFiles, other_bytes_under_the_key_are_tried_and_told_at_once) {
  BlockedFiles files;
  for (int i = 0; i < 5; ++i) files.blocked(kFile, {});
  lake::ObjectInfo newer = kFile;
  newer.version = "v2";

  EXPECT_TRUE(files.may_try(newer, {}));
  EXPECT_TRUE(files.blocked(newer, {}));
}

TEST(BlockedFiles, a_file_that_was_taken_is_forgotten) {
  BlockedFiles files;
  files.blocked(kFile, {});
  files.free(kFile.key);

  EXPECT_EQ(files.size(), 0U);
  EXPECT_TRUE(files.blocked(kFile, {})) << "another file under its name is news";
}

}  // namespace
}  // namespace millrace::ingest
