#include "contract/instant.h"

#include <gtest/gtest.h>

#include "contract/contract_for_tests.h"

namespace millrace {
namespace {

using enum RejectCode;

constexpr std::int64_t kNoon = 1'531'396'800'000'000;  // 2018-07-12 12:00:00 UTC
constexpr std::int64_t kHour = 3'600'000'000;

TEST(Instant, offsets_are_converted_to_utc) {
  ColumnProbe at("logicalType: timestamp, logicalTypeOptions: {timezone: true}");
  for (const char* text :
       {"2018-07-12T12:00:00Z", "2018-07-12 15:00:00+03", "2018-07-12 15:00:00+0300", "2018-07-12T15:00:00.000+03:00",
        "2018-07-12 15:00:00 +03:00", "2018-07-12T06:30:00-05:30", "2018-07-12T12:00Z", "2018-07-12T12:00:00.000000Z",
        "2018-07-12T14:00:00+02:00[Europe/Paris]", "2018-07-12T14:00:00[Europe/Paris]",
        "2018-07-12T12:00:00Z[Europe/Paris]"}) {
    EXPECT_EQ(at.write(text), none) << text;
    EXPECT_EQ(at.number(), kNoon) << text;
    EXPECT_TRUE(at.flags.empty()) << text;
  }
}

TEST(Instant, a_zone_that_is_missing_wrong_or_contradicts_itself_is_refused) {
  ColumnProbe at("logicalType: timestamp, logicalTypeOptions: {timezone: true}");
  for (const char* text :
       {"2018-07-12T12:00:00", "2018-07-12", "2018-07-12Z", "2018-07-12-03:00", "2018-07-12T12:00:00z",
        "2018-07-12T12:00:00+3", "2018-07-12T12:00:00+03:0", "2018-07-12T12:00:00+19:00", "2018-07-12T12:00:00+03:60",
        "2018-07-12T12:00:00Zulu", "2018-07-12T12:00:00+03:00[Europe/Paris]", "2018-07-12T12:00:00[Europe/Nowhere]",
        "2018-07-12T12:00:00[../../etc/passwd]", "2018-07-12T12:00:00[]", "2018-07-12T12:00:00[Europe/Paris",
        "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00", "2018-02-30T12:00:00Z", "2018-07-12T12:00:00 EST"})
    EXPECT_EQ(at.write(text), bad_timestamp) << text;
  EXPECT_EQ(at.reason(bad_timestamp),
            "c: found \"2018-07-12T12:00:00 EST\", expected yyyy-MM-dd HH:mm:ss[.SSS] with Z or an offset");
}

TEST(Instant, a_text_without_zone_is_taken_in_the_declared_one) {
  ColumnProbe at("logicalType: timestamp, logicalTypeOptions: {timezone: true, defaultTimezone: Europe/Paris}");
  EXPECT_EQ(at.write("2018-07-12 14:00:00"), none);
  EXPECT_EQ(at.number(), kNoon);
  EXPECT_EQ(at.write("2018-01-12 13:00:00.5"), none);
  EXPECT_EQ(at.number(), kNoon - 181 * 24 * kHour + 500'000) << "in winter the offset is another";
  EXPECT_EQ(at.write("2018-07-12T12:00:00Z"), none);
  EXPECT_EQ(at.number(), kNoon) << "its own zone goes before";
  EXPECT_EQ(at.write("1950-01-01 00:00:00.25"), none);
  EXPECT_EQ(at.number(), -631'155'600'000'000 + 250'000) << "before 1970 too";
}

TEST(Instant, a_time_in_the_gap_or_the_fold_is_ambiguous_unless_a_policy_decides) {
  const std::string paris =
      "logicalType: timestamp, logicalTypeOptions: {timezone: true, defaultTimezone: Europe/Paris}";
  ColumnProbe at(paris), earlier(paris + ", customProperties: [{property: dstPolicy, value: earlier}]"),
      later(paris + ", customProperties: [{property: dstPolicy, value: later}]");
  const char *gap = "2018-03-25 02:30:00", *fold = "2018-10-28 02:30:00";
  EXPECT_EQ(at.write(gap), ambiguous_time);
  EXPECT_EQ(at.write(fold), ambiguous_time);
  EXPECT_EQ(at.reason(ambiguous_time),
            "c: found \"2018-10-28 02:30:00\", expected a time that the clocks of Europe/Paris show exactly once, or "
            "one with its offset");
  EXPECT_EQ(at.write("2018-10-28 02:30:00+01:00"), none);
  for (const char* text : {gap, fold}) {
    ASSERT_EQ(earlier.write(text), none);
    ASSERT_EQ(later.write(text), none);
    EXPECT_EQ(later.number() - earlier.number(), kHour) << text;
  }
  EXPECT_EQ(earlier.number(), 1'540'686'600'000'000) << "00:30 UTC, in summer time";
}

TEST(Instant, a_naive_column_refuses_a_zone_instead_of_dropping_it) {
  ColumnProbe at("logicalType: timestamp");
  for (const char* text : {"2018-07-12T12:00:00Z", "2018-07-12 12:00:00+03:00", "2018-07-12 12:00:00.5 -03",
                           "2018-07-12T12:00:00[Europe/Paris]"})
    EXPECT_EQ(at.write(text), unexpected_zone) << text;
  EXPECT_EQ(at.write("2018-07-12 12:00:00+3"), bad_timestamp);
  ColumnProbe pattern("logicalType: timestamp, logicalTypeOptions: {format: 'dd/MM/yyyy HH:mm[:ss]'}");
  EXPECT_EQ(pattern.write("12/07/2018 12:00Z"), unexpected_zone);
  EXPECT_EQ(pattern.write("12/07/2018 12:00:30"), none);
}

TEST(Instant, a_pattern_may_end_in_an_offset) {
  ColumnProbe at("logicalType: timestamp, logicalTypeOptions: {timezone: true, format: \"dd/MM/yyyy HH:mm[:ss]XXX\"}");
  EXPECT_EQ(at.write("12/07/2018 15:00+03:00"), none);
  EXPECT_EQ(at.number(), kNoon);
  EXPECT_EQ(at.write("12/07/2018 15:00:00+03"), none);
  EXPECT_EQ(at.number(), kNoon);
  EXPECT_EQ(at.write("12/07/2018 15:00"), bad_timestamp);
}

TEST(Instant, numbers_since_1970_are_read_in_the_declared_unit_and_checked) {
  const auto probe = [](std::string_view unit) {
    return ColumnProbe("logicalType: timestamp, customProperties: [{property: unit, value: " + std::string(unit) +
                       "}]");
  };
  for (const auto& [unit, text] : {std::pair{"s", "1531396800"},
                                   {"ms", "1531396800000"},
                                   {"us", "1531396800000000"},
                                   {"ns", "1531396800000000000"}}) {
    ColumnProbe at = probe(unit);
    EXPECT_EQ(at.write(text), none) << unit;
    EXPECT_EQ(at.number(), kNoon) << unit;
  }
  ColumnProbe seconds = probe("s"), nanos = probe("ns");
  for (const char* text : {"1531396800000", "-62135596801", "1531396800.5", "1e9", "2018-07-12", "9223372036854775807"})
    EXPECT_EQ(seconds.write(text), bad_timestamp) << text;
  EXPECT_EQ(seconds.write("253402300799"), none) << "the last second of 9999";
  EXPECT_EQ(seconds.write("253402300800"), bad_timestamp);
  EXPECT_EQ(nanos.write("1531396800000000001"), bad_timestamp) << "nothing is rounded";
  EXPECT_EQ(ColumnProbe("logicalType: timestamp").write("1531396800"), bad_timestamp) << "never guessed";
}

TEST(Instant, midnight_may_be_written_24_where_that_is_declared_and_leap_seconds_never) {
  ColumnProbe strict("logicalType: timestamp"),
      next("logicalType: timestamp, customProperties: [{property: hour24, value: next_day}]"),
      pattern(
          "logicalType: timestamp, logicalTypeOptions: {format: dd/MM/yyyy HH:mm}, customProperties: [{property: "
          "hour24, value: next_day}]");
  EXPECT_EQ(strict.write("2018-07-12 24:00:00"), bad_timestamp);
  EXPECT_EQ(next.write("2018-07-12 24:00:00"), none);
  EXPECT_EQ(next.number(), kNoon + 12 * kHour);
  EXPECT_EQ(pattern.write("12/07/2018 24:00"), none);
  EXPECT_EQ(pattern.number(), kNoon + 12 * kHour);
  for (const char* text : {"2018-07-12 24:00:01", "2018-07-12 24:01:00", "2018-07-12 25:00:00", "9999-12-31 24:00:00",
                           "2016-12-31 23:59:60"})
    EXPECT_EQ(next.write(text), bad_timestamp) << text;
}

TEST(Instant, a_date_alone_is_midnight_and_flagged) {
  ColumnProbe naive("logicalType: timestamp"),
      zoned("logicalType: timestamp, logicalTypeOptions: {timezone: true, defaultTimezone: UTC}");
  for (ColumnProbe* at : {&naive, &zoned}) {
    EXPECT_EQ(at->write("2018-07-12"), none);
    EXPECT_EQ(at->number(), kNoon - 12 * kHour);
    EXPECT_TRUE(at->flags.contains(date_only));
    EXPECT_EQ(at->reason(date_only), "c: found \"2018-07-12\", loaded as midnight");
  }
  EXPECT_EQ(naive.write("2018-07-12 00:00"), none);
  EXPECT_TRUE(naive.flags.empty());
}

}  // namespace
}  // namespace millrace
