#include "contract/time_format.h"

#include <gtest/gtest.h>

#include "base/clock.h"

namespace millrace {
namespace {

constexpr std::int64_t kSecond = 1'000'000;

TEST(TimeFormat, reads_iso_timestamps_to_the_microsecond) {
  const TimeFormat iso = TimeFormat::iso_timestamp();

  EXPECT_EQ(iso.timestamp("1970-01-02 00:00:01"), 86401 * kSecond);
  EXPECT_EQ(iso.timestamp("2018-07-12 17:33:04.123"), 1531416784 * kSecond + 123000);
  EXPECT_EQ(iso.timestamp("2018-07-12T17:33:04"), 1531416784 * kSecond);
  EXPECT_EQ(iso.timestamp("2018-07-12"), 1531353600 * kSecond) << "a date alone is midnight";
  EXPECT_EQ(iso.timestamp("1969-12-31 23:59:59.5"), -500000);
}

TEST(TimeFormat, refuses_times_that_do_not_exist_and_texts_that_say_more_or_less) {
  const TimeFormat iso = TimeFormat::iso_timestamp();

  for (const char* text :
       {"2018-02-30 00:00:00", "2019-02-29 00:00:00", "2018-13-01 00:00:00", "0000-00-00 00:00:00",
        "2018-07-12 24:00:00", "2018-07-12 23:59:60", "2018-07-12 17:33:04+03:00", "2018-07-12 17:33:04Z",
        "2018-07-12 17:33:04.1234567", "2018-07-12 17:33:04.", "2018-7-12 17:33:04", "12/07/2018 17:33", "20180712",
        "now", "infinity", "", " 2018-07-12", "2018-07-12 "})
    EXPECT_FALSE(iso.timestamp(text)) << text;
}

TEST(TimeFormat, declared_patterns_are_read_as_declared) {
  const TimeFormat german = *TimeFormat::compile("dd.MM.yyyy HH:mm[:ss]");

  EXPECT_EQ(german.timestamp("12.07.2018 17:33"), german.timestamp("12.07.2018 17:33:00"));
  EXPECT_FALSE(german.timestamp("2018-07-12 17:33"));
  EXPECT_EQ(TimeFormat::compile("yyyyMMdd")->date("20180712"), 17724);
  EXPECT_EQ(TimeFormat::compile("yyyy'y'MM'm'dd")->date("2018y07m12"), 17724);
}

TEST(TimeFormat, a_single_letter_takes_one_or_two_digits) {
  const TimeFormat loose = *TimeFormat::compile("yyyy-M-d H:mm:ss[.SSS]");

  EXPECT_EQ(loose.timestamp("2016-2-12 9:53:48.000"), TimeFormat::iso_timestamp().timestamp("2016-02-12 09:53:48"));
  EXPECT_EQ(loose.timestamp("2016-12-01 10:53:48"), TimeFormat::iso_timestamp().timestamp("2016-12-01 10:53:48"));
  for (const char* text : {"2016--12 9:53:48", "2016-002-12 9:53:48", "2016-2-123 9:53:48", "2016-2-12 9:5:48"})
    EXPECT_FALSE(loose.timestamp(text)) << text;
}

TEST(TimeFormat, a_pattern_that_is_not_understood_names_the_piece) {
  EXPECT_EQ(TimeFormat::compile("dd MMM yyyy").error().message,
            "format \"dd MMM yyyy\": \"MMM\" is not understood, expected yyyy MM dd HH mm ss S X and literals");
  for (const char* pattern : {"HH:mm", "dd/MM HH:mm", "yyyy-MM-ddXHH", "yyyy-MM-dd[ HH:mm]ss", "yyyy-MM-dd[[ HH]]"})
    EXPECT_FALSE(TimeFormat::compile(pattern)) << pattern;
  EXPECT_FALSE(TimeFormat::compile("yyyy-MM-dd[ HH"));
  EXPECT_FALSE(TimeFormat::compile("yyyy-MM-dd'"));
}

TEST(TimeFormat, the_quick_way_and_the_full_reader_always_agree) {
  const std::string alphabet = "0123456789-/.: TZ+";
  std::uint64_t state = 1;
  const auto below = [&](std::size_t n) {  // Knuth's MMIX generator: the same texts on every run
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<std::size_t>((state >> 33) % n);
  };
  std::vector<std::pair<TimeFormat, std::string>> formats{{TimeFormat::iso_timestamp(), "2016-02-29T23:59:58.123456"},
                                                          {TimeFormat::iso_timestamp(), "2016-12-31 00:00:00"}};
  for (const auto& [pattern, text] : {std::pair{"yyyy-M-d HH:mm:ss[.SSS]", "2016-12-10 09:53:48.000"},
                                      {"dd/MM/yyyy HH:mm", "29/02/2016 23:59"},
                                      {"yyyyMMddHHmmss", "20160229235959"},
                                      {"yyyyMMdd", "20160229"},
                                      {"yyyy-MM-dd HH:mm:ss.SSSSSS", "2016-02-29 23:59:58.123456"},
                                      {"yyyy-MM-dd'T'HH:mm[:ss]", "2016-02-29T23:59:58"}})
    formats.emplace_back(*TimeFormat::compile(pattern), text);
  std::size_t good = 0;
  for (int i = 0; i < 200'000; ++i) {
    auto [format, text] = formats[below(formats.size())];
    for (std::size_t n = below(3); n > 0; --n) text[below(text.size())] = alphabet[below(alphabet.size())];
    if (below(4) == 0) text.resize(below(text.size() + 1));
    const auto full = format.local(text);
    const auto slow = full && full->rest.empty() ? std::optional(full->micros) : std::nullopt;
    ASSERT_EQ(format.timestamp(text), slow) << format.pattern() << ": " << text;
    good += slow ? 1 : 0;
  }
  EXPECT_GT(good, 20'000U) << "the texts are too wild to say much";
}

TEST(TimeFormat, every_day_of_the_calendar_has_its_number) {
  for (std::int32_t day = -719162; day <= 2932896; ++day) {
    const CivilDate d = civil_from_days(day);
    ASSERT_EQ(days_from_civil(d.year, d.month, d.day), day) << d.year << '-' << d.month << '-' << d.day;
  }
}

TEST(TimeFormat, leap_days_follow_the_gregorian_rule) {
  EXPECT_TRUE(days_from_civil(2000, 2, 29));
  EXPECT_FALSE(days_from_civil(1900, 2, 29));
  EXPECT_EQ(days_from_civil(1, 1, 1), -719162);
  EXPECT_EQ(days_from_civil(9999, 12, 31), 2932896);
}

}  // namespace
}  // namespace millrace
