#include "ingest/key_overlap.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "ingest/source.h"

namespace millrace::ingest {
namespace {

bool matches(const std::string& pattern, const std::string& key) {
  Source s;
  s.pattern = pattern;
  return s.matches(key);
}

TEST(KeyOverlap, two_patterns_share_a_key_or_they_do_not) {
  EXPECT_EQ(key_of_both("landing/a/*.csv", "landing/*/x.csv"), "landing/a/x.csv");
  EXPECT_EQ(key_of_both("landing/a.csv", "landing/a.csv"), "landing/a.csv");
  EXPECT_TRUE(key_of_both("landing/o*.csv", "landing/*s.csv*"));
  EXPECT_TRUE(key_of_both("landing/[a-c]?.csv", "landing/b[!x].csv"));
  EXPECT_FALSE(key_of_both("landing/orders/*.csv", "landing/payments/*.csv"));
  EXPECT_FALSE(key_of_both("landing/*", "landing/a/*")) << "a star stops at a slash";
  EXPECT_FALSE(key_of_both("landing/*.csv", "landing/*.csv.gz"));
  EXPECT_FALSE(key_of_both("landing/[a-c]*.csv", "landing/[!a-c]*.csv"));
  EXPECT_FALSE(key_of_both("landing/*", "landing/.*")) << "a wildcard does not mean a dot at the begin";
  EXPECT_EQ(key_of_both("landing/\\*.csv", "landing/*.csv"), "landing/*.csv");
  EXPECT_TRUE(key_of_both("landing/**/*.csv", "landing/a/b/*.csv"));
  EXPECT_TRUE(key_of_both("landing/**/*.csv", "landing/a.csv")) << "**/ stands for nothing too";
  EXPECT_FALSE(key_of_both("landing/**/a.csv", "landing/xa.csv"));
  EXPECT_TRUE(key_of_both("landing/{day}/a.csv", "landing/2026*/*"));
  EXPECT_FALSE(key_of_both("landing/{day}.csv", "landing/{day}/a.csv"));
}

TEST(KeyOverlap, a_shared_key_is_matched_by_both_and_none_is_missed) {
  Random random(6);
  const auto text = [&](std::string_view of, std::size_t most) {
    std::string out;
    for (std::size_t n = random.below(most + 1); n > 0; --n) out += of[random.below(of.size())];
    return out;
  };
  for (int i = 0; i < 3'000; ++i) {
    const std::string a = text("ab*?/.", 6) + "*", b = text("ab*?/.", 6) + "?";  // none is empty: that is no pattern
    const auto key = key_of_both(a, b);
    const bool empty_name = key && (key->starts_with('/') || key->find("//") != std::string::npos);
    if (key && !empty_name) {
      EXPECT_TRUE(matches(a, *key) && matches(b, *key)) << a << " and " << b << ": " << *key;
    }
    for (int k = 0; !key && k < 50; ++k) {
      const std::string other = text("ab/.", 5);
      EXPECT_FALSE(matches(a, other) && matches(b, other)) << a << " and " << b << ": " << other;
    }
  }
}

}  // namespace
}  // namespace millrace::ingest
