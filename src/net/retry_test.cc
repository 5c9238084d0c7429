#include "net/retry.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>
#include <vector>

#include "testing/fake_clock.h"
#include "testing/fake_sleeper.h"

namespace millrace::net {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

struct RetriesTest : ::testing::Test {
  Retries retries(const RetryPolicy& policy, std::stop_token stop = {}) {
    return Retries(policy, {&budget, &clock, &sleeper}, 7, std::move(stop));
  }
  testing::FakeClock clock;
  testing::FakeSleeper sleeper{clock};
  RetryBudget budget;
};

TEST(FullJitterTest, is_spread_from_zero_to_a_doubling_limit_and_stops_at_the_cap) {
  const RetryPolicy policy;
  Random random(1);
  for (const auto& [next, limit] : std::vector<std::pair<int, milliseconds>>{
           {2, 50ms}, {3, 100ms}, {5, 400ms}, {10, 12'800ms}, {11, 20'000ms}, {60, 20'000ms}}) {
    milliseconds least = 1h, most = 0ms;
    for (int i = 0; i < 2000; ++i) {
      const milliseconds wait = full_jitter(policy, next, RetryCause::transient, random);
      least = std::min(least, wait);
      most = std::max(most, wait);
    }
    EXPECT_LE(most, limit) << next;
    EXPECT_GT(most, limit * 9 / 10) << next;
    EXPECT_LT(least, limit / 10) << next;
  }
}

TEST(FullJitterTest, waits_longer_where_the_server_asks_to_slow_down) {
  Random random(1);
  milliseconds most = 0ms;
  for (int i = 0; i < 2000; ++i) most = std::max(most, full_jitter({}, 2, RetryCause::throttled, random));

  EXPECT_GT(most, 900ms);
  EXPECT_LE(most, 1000ms);
}

TEST_F(RetriesTest, end_after_the_attempts_of_the_policy) {
  Retries call = retries({.attempts = 3});

  EXPECT_TRUE(call.wait(RetryCause::transient));
  EXPECT_TRUE(call.wait(RetryCause::transient));
  const Status last = call.wait(RetryCause::transient);

  ASSERT_FALSE(last);
  EXPECT_EQ(last.error().kind, ErrorKind::unavailable);
  EXPECT_EQ(last.error().message, "3 attempts failed");
  EXPECT_EQ(call.attempt(), 3);
  EXPECT_EQ(sleeper.slept().size(), 2U);
}

TEST_F(RetriesTest, start_no_attempt_after_the_total_time) {
  Retries call = retries({.attempts = 100, .total = 10s});
  ASSERT_TRUE(call.wait(RetryCause::transient));
  clock.advance(10s);

  const Status late = call.wait(RetryCause::transient);

  ASSERT_FALSE(late);
  EXPECT_NE(late.error().message.find("within"), std::string::npos) << late.error().message;
  EXPECT_EQ(sleeper.slept().size(), 1U);
}

TEST_F(RetriesTest, wait_as_long_as_the_server_asks_but_not_longer_than_the_cap) {
  Retries call = retries({});

  ASSERT_TRUE(call.wait(RetryCause::throttled, 3s));
  ASSERT_TRUE(call.wait(RetryCause::throttled, 1h));

  EXPECT_GE(sleeper.slept().at(0), 3s);
  EXPECT_EQ(sleeper.slept().at(1), 20s);
}

TEST_F(RetriesTest, end_when_somebody_stops_the_call) {
  std::stop_source stop;
  Retries call = retries({}, stop.get_token());
  stop.request_stop();

  const Status stopped = call.wait(RetryCause::transient);

  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().kind, ErrorKind::cancelled);
  EXPECT_EQ(budget.tokens(), RetryBudget::kCapacity);
}

TEST_F(RetriesTest, of_all_calls_together_are_bounded_while_an_endpoint_is_down) {
  constexpr int kCalls = 1000;
  int requests = 0;
  for (int i = 0; i < kCalls; ++i) {
    Retries call = retries({});
    do ++requests;
    while (call.wait(RetryCause::transient));
  }

  EXPECT_EQ(requests, kCalls + RetryBudget::kCapacity / RetryBudget::kCost);
  Retries call = retries({});
  EXPECT_NE(call.wait(RetryCause::transient).error().message.find("budget"), std::string::npos);
}

TEST_F(RetriesTest, give_back_what_the_last_retry_took_when_it_succeeds) {
  Retries call = retries({});
  ASSERT_TRUE(call.wait(RetryCause::timeout));
  ASSERT_TRUE(call.wait(RetryCause::transient));
  EXPECT_EQ(budget.tokens(), 500 - 10 - 5);

  call.succeeded();

  EXPECT_EQ(budget.tokens(), 500 - 10);
}

TEST(RetryBudgetTest, grows_by_one_with_a_call_that_needed_no_retry_and_never_over_its_capacity) {
  RetryBudget budget(12);
  EXPECT_EQ(budget.take(RetryCause::timeout), 10);
  EXPECT_EQ(budget.take(RetryCause::transient), 0);

  budget.succeeded(0);
  EXPECT_EQ(budget.tokens(), 3);
  budget.succeeded(100);
  EXPECT_EQ(budget.tokens(), 12);
}

TEST(RetryBudgetTest, is_shared_by_threads) {
  RetryBudget budget(400);
  std::atomic<int> taken{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int n = 0; n < 100; ++n) taken += budget.take(RetryCause::transient);
      });
    }
  }
  EXPECT_EQ(taken, 400);
  EXPECT_EQ(budget.tokens(), 0);
}

TEST(ThreadSleeperTest, wakes_up_when_it_is_stopped) {
  std::stop_source stop;
  std::jthread stopper([&] { stop.request_stop(); });

  const Status woken = thread_sleeper().sleep(1h, stop.get_token());

  ASSERT_FALSE(woken);
  EXPECT_EQ(woken.error().kind, ErrorKind::cancelled);
  EXPECT_TRUE(thread_sleeper().sleep(1ms, {}));
}

TEST(RetryAfterTest, is_read_as_seconds_and_as_a_date) {
  const WallTime now = testing::FakeClock().now();  // Sun, 22 Nov 2026 12:00:00

  EXPECT_EQ(parse_retry_after("120", now), 120s);
  EXPECT_EQ(parse_retry_after(" 0 ", now), 0s);
  EXPECT_EQ(parse_retry_after("Sun, 22 Nov 2026 12:00:30 GMT", now), 30s);
  EXPECT_EQ(parse_retry_after("Sun, 22 Nov 2026 11:00:00 GMT", now), 0s);
  EXPECT_EQ(parse_retry_after("soon", now), std::nullopt);
  EXPECT_EQ(parse_retry_after("-1", now), std::nullopt);
  EXPECT_EQ(parse_retry_after("", now), std::nullopt);
}

}  // namespace
}  // namespace millrace::net
