#include "ingest/key_sets.h"

#include <gtest/gtest.h>

namespace millrace::ingest {
namespace {

const std::vector<std::string> kPair{"{date}/orders.csv", "{date}/payments-*.csv"};

TEST(KeySets, a_set_is_what_agrees_in_the_named_parts) {
  const auto sets = KeySets::compile("landing/o/", kPair);
  ASSERT_TRUE(sets) << sets.error().message;

  EXPECT_EQ(sets->place_of("landing/o/2026-11-01/orders.csv")->set, "date=2026-11-01");
  EXPECT_EQ(sets->place_of("landing/o/2026-11-01/orders.csv")->pattern, 0U);
  EXPECT_EQ(sets->place_of("landing/o/2026-11-01/payments-7.csv")->set, "date=2026-11-01");
  EXPECT_EQ(sets->place_of("landing/o/2026-11-01/payments-7.csv")->pattern, 1U);
  EXPECT_FALSE(sets->place_of("landing/o/2026-11-01/readme.txt"));
  EXPECT_FALSE(sets->place_of("landing/x/2026-11-01/orders.csv"));
}

TEST(KeySets, without_parts_there_is_one_set) {
  const auto sets = KeySets::compile("l/", std::vector<std::string>{"a.csv", "b.csv"});

  EXPECT_EQ(sets->place_of("l/b.csv")->set, "");
  EXPECT_EQ(sets->place_of("l/b.csv")->pattern, 1U);
}

TEST(KeySets, what_is_missing_is_said_as_the_project_writes_it) {
  const auto sets = KeySets::compile("l/", kPair);

  EXPECT_EQ(sets->missing({true, false}), "{date}/payments-*.csv");
  EXPECT_EQ(sets->missing({false, false}), "{date}/orders.csv, {date}/payments-*.csv");
  EXPECT_EQ(sets->missing({true, true}), "");
}

TEST(KeySets, patterns_that_name_different_parts_are_refused) {
  const auto got = KeySets::compile("l/", std::vector<std::string>{"{date}/a.csv", "{day}/b.csv"});

  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, ErrorKind::invalid_input);
  EXPECT_EQ(got.error().message, "\"{day}/b.csv\" names other parts than \"{date}/a.csv\"");
}

TEST(KeySets, the_folder_is_text_whatever_stands_in_it) {
  const auto sets = KeySets::compile("l/[a]{b}*/", std::vector<std::string>{"a.csv"});
  ASSERT_TRUE(sets) << sets.error().message;

  EXPECT_TRUE(sets->place_of("l/[a]{b}*/a.csv"));
  EXPECT_FALSE(sets->place_of("l/a{b}x/a.csv"));
}

}  // namespace
}  // namespace millrace::ingest
