#include <gtest/gtest.h>

#include <atomic>

#include "lake/s3/encoded.h"
#include "lake/s3/times.h"
#include "lake/s3/workers.h"

namespace millrace::lake::s3 {
namespace {

std::string shown(const std::optional<WallTime>& time) { return time ? to_iso8601(*time) : "(none)"; }

TEST(WireFormsTest, both_ways_of_writing_a_time_are_read_and_nothing_else) {
  EXPECT_EQ(shown(parse_http_date("Sun, 22 Nov 2026 12:00:07 GMT")), "2026-11-22T12:00:07.000000Z");
  EXPECT_EQ(shown(parse_listed_time("2026-11-22T12:00:07.5Z")), "2026-11-22T12:00:07.500000Z");
  EXPECT_EQ(shown(parse_listed_time("2026-11-22T12:00:07.123456789Z")), "2026-11-22T12:00:07.123456Z");
  EXPECT_EQ(shown(parse_listed_time("2026-11-22T12:00:07Z")), "2026-11-22T12:00:07.000000Z");
  for (const char* bad : {"", "Sun", "Sun, 32 Nov 2026 12:00:07 GMT", "Sun, 22 Foo 2026 12:00:07 GMT",
                          "Sun, 22 Nov 2026 12:00:07 CET", "Sun, 22 Nov 2026 12:00:07", "Sun, 22 Nov"})
    EXPECT_EQ(shown(parse_http_date(bad)), "(none)") << bad;
  for (const char* bad : {"", "2026", "2026-13-22T12:00:07Z", "2026-11-22 12:00:07Z", "2026-11-22T12:00:07",
                          "2026-11-22T25:00:07Z", "2026-11-22T12:00:07+01:00"})
    EXPECT_EQ(shown(parse_listed_time(bad)), "(none)") << bad;
}

TEST(WireFormsTest, keys_of_a_listing_come_back_byte_for_byte) {
  EXPECT_EQ(url_decoded("a+b%2Bc%20d%0A%C3%A4/.."), "a b+c d\n\xc3\xa4/..");
  EXPECT_EQ(url_decoded("100%"), "100%");
  EXPECT_EQ(url_decoded("%zz%4"), "%zz%4");
  EXPECT_EQ(copy_source("lake", "a b/../c+d"), "/lake/a%20b/../c%2Bd");
}

TEST(WireFormsTest, etags_get_their_quotes_and_digests_their_base64) {
  EXPECT_EQ(with_quotes("abc-2"), "\"abc-2\"");
  EXPECT_EQ(with_quotes("\"abc\""), "\"abc\"");
  EXPECT_EQ(with_quotes(""), "");
  EXPECT_EQ(content_md5("hello"), "XUFAKrxLKna5cZ2REBfFkg==");
}

TEST(WorkersTest, no_more_threads_work_than_asked_for_and_every_task_gives_its_value) {
  std::atomic<int> now{0}, most{0};
  Workers workers(3);
  std::vector<std::future<int>> values;
  for (int i = 0; i < 50; ++i)
    values.push_back(workers.run([&now, &most, i] {
      const int n = ++now;
      for (int seen = most; n > seen && !most.compare_exchange_weak(seen, n);) {
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      --now;
      return i;
    }));

  for (int i = 0; i < 50; ++i) EXPECT_EQ(values[static_cast<std::size_t>(i)].get(), i);

  EXPECT_LE(most, 3);
}

}  // namespace
}  // namespace millrace::lake::s3
