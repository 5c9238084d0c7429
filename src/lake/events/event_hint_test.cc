#include "lake/events/event_hint.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <thread>

namespace millrace::lake {
namespace {

using namespace std::chrono_literals;

std::string put(const std::string& bucket, const std::string& key, const std::string& etag) {
  return fmt::format(R"({{"Records":[{{"eventSource":"ceph:s3","eventName":"ObjectCreated:Put","s3":{{"bucket":{{)"
                     R"("name":"{}"}},"object":{{"key":"{}","eTag":"{}"}}}}}}]}})",
                     bucket, key, etag);
}

struct EventHintTest : ::testing::Test {
  EventHint hint{"lake", "raw/"};
};

TEST_F(EventHintTest, an_event_of_a_new_object_wakes_and_brings_its_key_below_the_lake) {
  ASSERT_TRUE(hint.offer(put("lake", "raw/landing/a.csv", "1")));
  EXPECT_TRUE(hint.wait(0ms));
  EXPECT_EQ(hint.take_keys(), std::vector<std::string>{"landing/a.csv"});
  EXPECT_TRUE(hint.take_keys().empty());
  EXPECT_FALSE(hint.wait(0ms));
}

TEST_F(EventHintTest, the_same_event_twice_wakes_once_and_other_bytes_wake_again) {
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(hint.offer(put("lake", "raw/a", "1")));
  EXPECT_TRUE(hint.wait(0ms));
  ASSERT_TRUE(hint.offer(put("lake", "raw/a", "1")));
  EXPECT_FALSE(hint.wait(0ms));
  ASSERT_TRUE(hint.offer(put("lake", "raw/a", "2")));
  EXPECT_TRUE(hint.wait(0ms));
  EXPECT_EQ(hint.counts().events, 2U);
  EXPECT_EQ(hint.counts().repeated, 3U);
}

TEST_F(EventHintTest, events_of_other_places_do_not_wake) {
  ASSERT_TRUE(hint.offer(put("other", "raw/a", "1")));
  ASSERT_TRUE(hint.offer(put("lake", "elsewhere/a", "1")));
  EXPECT_FALSE(hint.wait(0ms));
  EXPECT_EQ(hint.counts().foreign, 2U);
}

TEST_F(EventHintTest, what_is_no_event_is_counted_and_does_not_wake) {
  EXPECT_FALSE(hint.offer("{"));
  EXPECT_FALSE(hint.wait(0ms));
  EXPECT_EQ(hint.counts().bad, 1U);
}

TEST_F(EventHintTest, a_crowd_of_events_costs_bounded_memory_and_wakes_all_the_same) {
  for (int i = 0; i < 20'001; ++i) ASSERT_TRUE(hint.offer(put("lake", fmt::format("raw/{}", i), "1")));
  EXPECT_EQ(hint.take_keys().size(), 10'000U);
  EXPECT_TRUE(hint.wait(0ms));
  ASSERT_TRUE(hint.offer(put("lake", "raw/0", "1")));
  EXPECT_TRUE(hint.wait(0ms)) << "forgotten long ago: it wakes once more";
}

TEST_F(EventHintTest, a_waiting_thread_is_woken_from_another) {
  std::jthread sender([&] { EXPECT_TRUE(hint.offer(put("lake", "raw/a", "1"))); });
  EXPECT_TRUE(hint.wait(60s));
  std::jthread waker([&] { hint.wake(); });
  EXPECT_TRUE(hint.wait(60s));
}

}  // namespace
}  // namespace millrace::lake
