#include "base/words.h"

#include <gtest/gtest.h>

namespace millrace {
namespace {

TEST(Words, nearest_finds_the_name_that_was_meant_and_nothing_for_a_stranger) {
  const std::vector<std::string> known{"warehouse", "sources", "pipelines"};

  EXPECT_EQ(nearest("wharehouse", known), "warehouse");
  EXPECT_EQ(nearest("Source", known), "sources");
  EXPECT_EQ(nearest("zebra", known), "");
}

TEST(Words, numbers_and_plurals_read_like_a_sentence) {
  EXPECT_EQ(with_thousands(-1234567), "-1,234,567");
  EXPECT_EQ(with_thousands(999), "999");
  EXPECT_EQ(counted(1, "row"), "1 row");
  EXPECT_EQ(counted(14920, "row"), "14,920 rows");
}

TEST(Words, printable_never_lets_data_move_the_cursor) {
  EXPECT_EQ(printable("a\x1b[31m\n\xff"), "a\\x1b[31m\\n\\xff");
  EXPECT_EQ(printable("abcdef", 3), "abc…");
}

TEST(Words, durations_and_sizes_are_strict) {
  EXPECT_EQ(*parse_duration("2s"), std::chrono::milliseconds(2000));
  EXPECT_EQ(*parse_bytes("64MiB"), 64ULL << 20);
  EXPECT_FALSE(parse_duration("2 parsecs"));
  EXPECT_FALSE(parse_duration(""));
  EXPECT_FALSE(parse_bytes("18446744073709551615GB"));
  EXPECT_EQ(parse_duration("soon").error().message, "found \"soon\", expected a duration such as 300ms, 2s, 5m or 1h");
}

TEST(Words, sizes_and_times_in_words) {
  EXPECT_EQ(bytes_in_words(1234567890), "1.2 GB");
  EXPECT_EQ(to_words(std::chrono::milliseconds(310)), "0.31 s");
  EXPECT_EQ(to_words(std::chrono::milliseconds(125000)), "2 min 5 s");
}

}  // namespace
}  // namespace millrace
