#include "lake/s3/credentials.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/log.h"
#include "lake/s3/surroundings_for_tests.h"

namespace millrace::lake::s3 {
namespace {

using namespace std::chrono_literals;

/// Hands out K1, K2, … valid for an hour, or fails.
struct RenewedTest : ::testing::Test {
  Result<Credentials> load() {
    ++loads;
    if (fails) return Error{ErrorKind::unavailable, "STS is away", {}, {}};
    return Credentials{"K" + std::to_string(loads), Secret("s"), Secret("t"), clock.now() + 1h, "test"};
  }
  std::string id() {
    const auto got = provider->get();
    return got ? got->access_key_id : got.error().message;
  }
  testing::FakeClock clock;
  int loads = 0;
  bool fails = false;
  std::unique_ptr<CredentialProvider> provider = renewed([this] { return load(); }, clock);
};

TEST_F(RenewedTest, keeps_credentials_until_five_minutes_before_they_expire) {
  EXPECT_EQ(id(), "K1");
  clock.advance(54min + 59s);
  EXPECT_EQ(id(), "K1");
  clock.advance(1s);
  EXPECT_EQ(id(), "K2");
  EXPECT_EQ(loads, 2);
}

TEST_F(RenewedTest, goes_on_with_valid_ones_while_renewing_fails_and_does_not_ask_all_the_time) {
  EXPECT_EQ(id(), "K1");
  fails = true;
  clock.advance(55min);

  EXPECT_EQ(id(), "K1");
  EXPECT_EQ(id(), "K1");
  EXPECT_EQ(loads, 2);
  clock.advance(10s);
  EXPECT_EQ(id(), "K1");
  EXPECT_EQ(loads, 3);
  clock.advance(5min);
  EXPECT_EQ(id(), "STS is away");
  fails = false;
  EXPECT_EQ(id(), "K5");
}

TEST_F(RenewedTest, does_not_ask_all_the_time_for_credentials_that_never_last_long) {
  const auto brief = renewed(
      [&]() -> Result<Credentials> {
        ++loads;
        return Credentials{"K", Secret("s"), {}, clock.now() + 2min, ""};
      },
      clock);

  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(brief->get());
    clock.advance(1s);
  }

  EXPECT_EQ(loads, 10);
}

TEST_F(RenewedTest, asks_again_after_a_refusal_but_once_for_many) {
  const auto first = provider->get();

  provider->rejected(*first);
  EXPECT_EQ(id(), "K2");
  provider->rejected(*first);  // another thread's late news
  EXPECT_EQ(id(), "K2");
  EXPECT_EQ(loads, 2);
}

TEST_F(RenewedTest, does_not_use_refused_ones_when_renewing_fails) {
  const auto first = provider->get();
  fails = true;

  provider->rejected(*first);

  EXPECT_EQ(id(), "STS is away");
}

TEST(RenewedFlightTest, one_thread_renews_while_others_go_on_with_the_old_ones) {
  testing::FakeClock clock;
  std::mutex mutex;
  std::condition_variable changed;
  int loads = 0;
  bool may_finish = true;
  const auto provider = renewed(
      [&]() -> Result<Credentials> {
        std::unique_lock lock(mutex);
        ++loads;
        changed.notify_all();
        changed.wait(lock, [&] { return may_finish; });
        return Credentials{"K" + std::to_string(loads), Secret("s"), {}, clock.now() + 1h, ""};
      },
      clock);
  ASSERT_EQ(provider->get()->access_key_id, "K1");
  clock.advance(56min);
  may_finish = false;
  std::jthread renewing([&] { EXPECT_EQ(provider->get()->access_key_id, "K2"); });
  {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return loads == 2; });
  }

  EXPECT_EQ(provider->get()->access_key_id, "K1");
  {
    const std::scoped_lock lock(mutex);
    may_finish = true;
  }
  changed.notify_all();
  renewing.join();
  EXPECT_EQ(provider->get()->access_key_id, "K2");
  EXPECT_EQ(loads, 2);
}

TEST(RenewedFlightTest, the_first_ones_are_loaded_once_for_all_threads) {
  testing::FakeClock clock;
  std::atomic<int> loads{0};
  const auto provider = renewed(
      [&]() -> Result<Credentials> {
        ++loads;
        std::this_thread::yield();
        return Credentials{"K", Secret("s"), {}, {}, ""};
      },
      clock);
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) threads.emplace_back([&] { EXPECT_EQ(provider->get()->access_key_id, "K"); });
  }
  EXPECT_EQ(loads, 1);
}

TEST(FixedCredentialsTest, stay_what_they_are) {
  const auto provider = fixed_credentials({"K", Secret("s"), {}, {}, "test"});

  provider->rejected(*provider->get());

  EXPECT_EQ(provider->get()->access_key_id, "K");
}

TEST(ShownKeyIdTest, gives_only_the_end_of_a_long_one) {
  EXPECT_EQ(shown_key_id("AKIAIOSFODNN7EXAMPLE"), "…MPLE");
  EXPECT_EQ(shown_key_id("short"), "…");
}

}  // namespace
}  // namespace millrace::lake::s3
