#include "lake/tiers/tiers.h"

#include <gtest/gtest.h>

namespace millrace::lake {
namespace {

using namespace std::chrono_literals;
using std::chrono::sys_days;

constexpr sys_days kCame{std::chrono::year{2026} / 1 / 15};

Result<Tiers> tiers_of(const std::string& text) {
  auto node = yaml::parse(text, "millrace.yaml");
  if (!node) return node.error();
  return read_tiers(&*node, {"millrace.yaml", "tiers"});
}

TEST(Tiers, AreReadInDaysWeeksAndYears) {
  const auto t = tiers_of("{warm: 30d, cold: 13w, archive: 1y, keep: 7y, abort_uploads: 2d}");
  ASSERT_TRUE(t) << t.error().message;
  EXPECT_EQ(t->warm, Days{30});
  EXPECT_EQ(t->cold, Days{91});
  EXPECT_EQ(t->archive, Days{365});
  EXPECT_EQ(t->keep, Days{2555});
  EXPECT_EQ(t->abort_uploads, Days{2});
  EXPECT_EQ(to_words(*t->keep), "7y");
  EXPECT_EQ(to_words(*t->cold), "91d");
}

TEST(Tiers, AreNoneWhereNothingIsSaid) {
  const auto t = read_tiers(nullptr, {"millrace.yaml", "tiers"});
  ASSERT_TRUE(t);
  EXPECT_EQ(*t, Tiers{});
}

TEST(Tiers, OutOfOrderAreRefusedWithThePlace) {
  const auto t = tiers_of("warm: 30d\ncold: 90d\nkeep: 90d\n");
  ASSERT_FALSE(t);
  EXPECT_EQ(t.error().message, "millrace.yaml:3:7: tiers.keep: found 90d, expected more than 90d of cold");
}

TEST(Tiers, RefuseWhatIsNoNumberOfDays) {
  for (const char* text : {"warm: 30", "warm: 0d", "warm: -1d", "warm: 12h", "warm: 101y", "warm: d"})
    EXPECT_FALSE(tiers_of(text)) << text;
  EXPECT_FALSE(tiers_of("warmer: 30d"));
}

TEST(TierDue, ChangesAtTheMidnightAfterTheLastDayIsOver) {
  Tiers t;
  t.warm = Days{3};
  t.keep = Days{5};
  EXPECT_EQ(tier_due(t, "processed", kCame, kCame + Days{4} - 1us), Tier::hot);
  EXPECT_EQ(tier_due(t, "processed", kCame, kCame + Days{4}), Tier::warm);
  EXPECT_EQ(tier_due(t, "processed", kCame, kCame + Days{6} - 1us), Tier::warm);
  EXPECT_EQ(tier_due(t, "processed", kCame, kCame + Days{6}), Tier::expired);
}

TEST(TierDue, OfRefusedFilesIsOnlyTheEnd) {
  Tiers t;
  t.cold = Days{1};
  t.archive = Days{2};
  t.keep = Days{3};
  EXPECT_EQ(tier_due(t, "quarantine", kCame, kCame + Days{3}), Tier::hot);
  EXPECT_EQ(tier_due(t, "unloaded", kCame, kCame + Days{4}), Tier::expired);
  EXPECT_EQ(tier_due(t, "landing", kCame, kCame + Days{400}), Tier::hot);
  EXPECT_EQ(tier_due(t, "processed", kCame, kCame + Days{3}), Tier::archive);
}

TEST(DayOfKey, IsReadFromTheNameAndNotGuessed) {
  EXPECT_EQ(day_of_key("processed/dt=2026-01-15/orders/a~000017.csv"), kCame);
  for (const char* key : {"processed/dt=2026-13-15/orders/a", "processed/dt=2026-1-15/orders/a", "a/b",
                          "dt=2026-01-15/a", "processed/dt=2026-01-15", "processed/dt=20x6-01-15/a"})
    EXPECT_FALSE(day_of_key(key)) << key;
}

}  // namespace
}  // namespace millrace::lake
