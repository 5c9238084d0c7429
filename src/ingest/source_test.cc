#include "ingest/source.h"

#include <gtest/gtest.h>

namespace millrace::ingest {
namespace {

Source orders() {
  Source s;
  s.name = "orders";
  s.pattern = "landing/orders/*.csv*";
  return s;
}

TEST(Source, its_pattern_names_a_folder_and_matches_files_in_it_only) {
  const Source s = orders();

  EXPECT_EQ(s.folder(), "landing/orders/");
  EXPECT_TRUE(s.matches("landing/orders/a b.csv.gz"));
  EXPECT_FALSE(s.matches("landing/orders/deep/a.csv"));
  EXPECT_FALSE(s.matches("landing/orders/a.txt"));
  EXPECT_FALSE(s.matches("landing/other/a.csv"));
}

TEST(ArchiveName, can_be_read_back_into_the_key_and_id_it_was_made_of) {
  const Source s = orders();
  for (const char* key : {"landing/orders/a.csv", "landing/orders/a.b.csv.gz", "landing/orders/a~000001.csv",
                          "landing/orders/noending"}) {
    for (const std::int64_t id : {std::int64_t{1}, std::int64_t{1234567}}) {
      const auto read = ArchiveName::read(kProcessed, s, ArchiveName::make(kProcessed, "2026-11-22", s, key, id));

      ASSERT_TRUE(read);
      EXPECT_EQ(read->key, key);
      EXPECT_EQ(read->file_id, id);
    }
  }
  EXPECT_EQ(ArchiveName::make(kProcessed, "2026-11-22", s, "landing/orders/a.csv", 17),
            "processed/dt=2026-11-22/orders/a~000017.csv");
}

TEST(ArchiveName, that_somebody_made_by_hand_has_no_id) {
  const auto read = ArchiveName::read(kProcessed, orders(), "processed/dt=2026-11-22/orders/a~12.csv");

  EXPECT_EQ(read->key, "landing/orders/a~12.csv");
  EXPECT_EQ(read->file_id, 0);
}

TEST(ArchiveName, of_another_source_or_area_is_not_ours) {
  EXPECT_FALSE(ArchiveName::read(kProcessed, orders(), "processed/dt=2026-11-22/payments/a.csv"));
  EXPECT_FALSE(ArchiveName::read(kProcessed, orders(), "quarantine/dt=2026-11-22/orders/a.csv"));
  EXPECT_FALSE(ArchiveName::read(kProcessed, orders(), "processed/readme"));
}

}  // namespace
}  // namespace millrace::ingest
