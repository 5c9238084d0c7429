#include "ingest/poke_clock.h"

#include <gtest/gtest.h>

namespace millrace::ingest {
namespace {

using namespace std::chrono_literals;
using Found = PokeClock::Found;

constexpr SteadyTime kStart{};

SensorOptions backing_off() {
  SensorOptions options;
  options.poke_interval = 2s;
  options.exponential_backoff = true;
  options.max_wait = 7s;
  return options;
}

TEST(PokeClock, the_first_look_is_now_and_the_next_after_poke_interval) {
  PokeClock clock({}, kStart);
  EXPECT_TRUE(clock.due(kStart));

  clock.looked(kStart, Found::nothing);

  EXPECT_FALSE(clock.due(kStart + 999ms));
  EXPECT_EQ(clock.until_due(kStart + 400ms), 600ms);
  EXPECT_TRUE(clock.due(kStart + 1s));
}

TEST(PokeClock, looks_that_find_nothing_become_rarer_up_to_max_wait) {
  PokeClock clock(backing_off(), kStart);
  std::vector<std::chrono::milliseconds> pauses;
  SteadyTime now = kStart;
  for (int i = 0; i < 4; ++i) {
    clock.looked(now, Found::nothing);
    pauses.push_back(clock.until_due(now));
    now += pauses.back();
  }
  EXPECT_EQ(pauses, (std::vector<std::chrono::milliseconds>{2s, 4s, 7s, 7s}));

  clock.looked(now, Found::files);
  EXPECT_EQ(clock.until_due(now), 2s);
}

TEST(PokeClock, a_hint_makes_it_due_and_the_pauses_short_again) {
  PokeClock clock(backing_off(), kStart);
  for (int i = 0; i < 4; ++i) clock.looked(kStart, Found::nothing);
  EXPECT_EQ(clock.until_due(kStart), 7s);

  clock.wake(kStart);

  EXPECT_TRUE(clock.due(kStart));
  clock.looked(kStart, Found::nothing);
  EXPECT_EQ(clock.until_due(kStart), 2s);
}

TEST(PokeClock, files_that_settle_are_looked_at_soon) {
  PokeClock clock(backing_off(), kStart);
  clock.looked(kStart, Found::settling);
  EXPECT_EQ(clock.until_due(kStart), 100ms);
  EXPECT_FALSE(clock.has_found());
}

TEST(PokeClock, a_time_without_a_file_is_told_once_and_again_only_after_another_file) {
  SensorOptions options;
  options.timeout = 10s;
  PokeClock clock(options, kStart);
  EXPECT_FALSE(clock.timed_out(kStart + 9s));
  EXPECT_TRUE(clock.timed_out(kStart + 10s));
  EXPECT_FALSE(clock.timed_out(kStart + 30s));

  clock.looked(kStart + 31s, Found::files);

  EXPECT_FALSE(clock.timed_out(kStart + 40s));
  EXPECT_TRUE(clock.timed_out(kStart + 41s));
}

TEST(PokeClock, without_a_timeout_nothing_is_ever_too_long) {
  PokeClock clock({}, kStart);
  EXPECT_FALSE(clock.timed_out(kStart + 24h * 365));
}

}  // namespace
}  // namespace millrace::ingest
