#include "ingest/ledger_index.h"

#include <gtest/gtest.h>

#include <string>

namespace millrace::ingest {
namespace {

TEST(LedgerIndex, finds_rows_by_key_digest_and_size_newest_first_whatever_their_number) {
  LedgerIndex index;
  for (std::int64_t id = 1; id <= 20'000; ++id) {
    index.add("orders", "k" + std::to_string(id % 5'000), "d" + std::to_string(id),
              100 + static_cast<std::uint64_t>(id % 7), id);
    if (id % 3'000 == 0) index.settle();
  }

  EXPECT_EQ(index.with_key("orders", "k17"), (std::vector<std::int64_t>{15'017, 10'017, 5'017, 17}));
  EXPECT_EQ(index.with_digest("orders", "d19999"), (std::vector<std::int64_t>{19'999}));
  EXPECT_TRUE(index.knows_size("orders", 103));
  EXPECT_FALSE(index.knows_size("orders", 99));
  EXPECT_FALSE(index.knows_size("others", 103)) << "sources know nothing of each other";
  EXPECT_TRUE(index.with_key("others", "k17").empty());
  EXPECT_EQ(index.last(), 20'000);
}

TEST(LedgerIndex, forgets_what_is_dropped) {
  LedgerIndex index;
  index.add("orders", "k", "d", 1, 1);
  index.add("orders", "k", "e", 1, 2);

  index.drop("orders", "k", "d", 1);

  EXPECT_EQ(index.with_key("orders", "k"), (std::vector<std::int64_t>{2}));
  EXPECT_TRUE(index.with_digest("orders", "d").empty());
  index.clear();
  EXPECT_EQ(index.last(), 0);
  EXPECT_TRUE(index.with_key("orders", "k").empty());
}

}  // namespace
}  // namespace millrace::ingest
