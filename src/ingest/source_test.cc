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

TEST(ArchiveName, can_be_read_back_into_the_key_it_was_made_of) {
  const Source s = orders();
  for (const char* key : {"landing/orders/a.csv", "landing/orders/a.b.csv.gz", "landing/orders/a~000001.csv",
                          "landing/orders/noending"}) {
    const bool with_id = ArchiveName::needs_id(key);
    const std::string plain =
        ArchiveName::make(kProcessed, "2026-11-22", s, key, with_id ? std::optional<std::int64_t>(3) : std::nullopt);
    const std::string numbered = ArchiveName::make(kProcessed, "2026-11-22", s, key, 1234567);

    EXPECT_EQ(ArchiveName::original_key(kProcessed, s, plain), key) << plain;
    EXPECT_EQ(ArchiveName::original_key(kProcessed, s, numbered), key) << numbered;
    EXPECT_NE(plain, numbered);
  }
  EXPECT_EQ(ArchiveName::make(kProcessed, "2026-11-22", s, "landing/orders/a.csv", 17),
            "processed/dt=2026-11-22/orders/a~000017.csv");
}

TEST(ArchiveName, of_another_source_or_area_is_not_ours) {
  EXPECT_FALSE(ArchiveName::original_key(kProcessed, orders(), "processed/dt=2026-11-22/payments/a.csv"));
  EXPECT_FALSE(ArchiveName::original_key(kProcessed, orders(), "quarantine/dt=2026-11-22/orders/a.csv"));
  EXPECT_FALSE(ArchiveName::original_key(kProcessed, orders(), "processed/readme"));
}

}  // namespace
}  // namespace millrace::ingest
