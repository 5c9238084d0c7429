#include "lake/open_file.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "lake/codec/packed_for_tests.h"
#include "lake/local/local_store.h"
#include "testing/temp_folder.h"

namespace millrace::lake {
namespace {

struct OpenFileTest : ::testing::Test {
  ObjectInfo put(const std::string& key, std::string_view bytes) {
    EXPECT_TRUE(store->put(key, bytes));
    return **store->head(key);
  }
  testing::TempFolder folder;
  std::unique_ptr<ObjectStore> store = *open_local_store(folder.path());
};

TEST_F(OpenFileTest, ranges_of_the_text_are_the_same_however_it_is_stored) {
  std::string text;
  Random random(5);
  while (text.size() < (5 << 20)) text += std::to_string(random.next()) + ",caf\xc3\xa9\n";
  std::vector<TextRange> ranges{{0, 0}, {0, 3}, {2, 10}};
  for (std::uint64_t at = 1000; at + 2000 < text.size(); at += random.below(300'000)) ranges.push_back({at, 1500});
  ranges.push_back({1000, 2 << 20});
  ranges.push_back({text.size() - 4, 4});
  std::sort(ranges.begin(), ranges.end(), [](auto& a, auto& b) { return a.offset < b.offset; });
  std::string latin;
  for (const char c : text)
    if (c != '\xc3') latin += c == '\xa9' ? '\xe9' : c;
  FileOptions declared;
  declared.decode.encoding = Encoding::latin1;

  const auto plain = read_text_ranges(*store, put("a", text), {}, ranges);
  const auto gzip = read_text_ranges(*store, put("b", gzipped(text)), {}, ranges);
  const auto decoded = read_text_ranges(*store, put("c", latin), declared, ranges);

  ASSERT_TRUE(plain && gzip && decoded);
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    const std::string want = text.substr(ranges[i].offset, ranges[i].length);
    EXPECT_TRUE(plain->at(i) == want && gzip->at(i) == want && decoded->at(i) == want) << ranges[i].offset;
  }
}

TEST_F(OpenFileTest, a_range_behind_the_end_is_a_conflict) {
  const std::vector<TextRange> ranges{{2, 10}};

  for (const std::string& bytes : {std::string("a,b\n"), gzipped("a,b\n")}) {
    const auto got = read_text_ranges(*store, put("a", bytes), {}, ranges);
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().kind, ErrorKind::conflict);
  }
}

TEST_F(OpenFileTest, no_ranges_cost_nothing) { EXPECT_TRUE(read_text_ranges(*store, ObjectInfo(), {}, {})->empty()); }

}  // namespace
}  // namespace millrace::lake
