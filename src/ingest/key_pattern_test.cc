#include "ingest/key_pattern.h"

#include <gtest/gtest.h>

namespace millrace::ingest {
namespace {

bool meant(std::string_view pattern, std::string_view key) {
  const auto compiled = KeyPattern::compile(pattern);
  EXPECT_TRUE(compiled) << compiled.error().message;
  return compiled->matches(key);
}

TEST(KeyPattern, a_star_and_a_question_mark_stop_at_a_slash) {
  EXPECT_TRUE(meant("landing/o/*.csv", "landing/o/a b+c.csv"));
  EXPECT_TRUE(meant("landing/o/*.csv*", "landing/o/a.csv.gz"));
  EXPECT_FALSE(meant("landing/o/*.csv", "landing/o/deep/a.csv"));
  EXPECT_TRUE(meant("landing/o/a?.csv", "landing/o/a1.csv"));
  EXPECT_FALSE(meant("landing/o/a?b", "landing/o/a/b"));
  EXPECT_FALSE(meant("landing/o/a?.csv", "landing/o/a.csv"));
}

TEST(KeyPattern, a_set_is_one_character_and_may_be_turned_around) {
  EXPECT_TRUE(meant("l/[a-c]1.csv", "l/b1.csv"));
  EXPECT_FALSE(meant("l/[a-c]1.csv", "l/d1.csv"));
  EXPECT_TRUE(meant("l/[!a-c]1.csv", "l/d1.csv"));
  EXPECT_FALSE(meant("l/[!a-c]1.csv", "l/b1.csv"));
  EXPECT_FALSE(meant("l/x[!a]y", "l/x/y"));
  EXPECT_TRUE(meant("l/[]^]", "l/^"));
  EXPECT_TRUE(meant("l/[]^]", "l/]"));
  EXPECT_TRUE(meant("l/[[:digit:]].csv", "l/7.csv"));
  EXPECT_TRUE(meant("l/[a.csv", "l/[a.csv")) << "a bracket that is not closed is a character";
}

TEST(KeyPattern, two_stars_pass_slashes_and_may_stand_for_no_folder) {
  EXPECT_TRUE(meant("l/**/a.csv", "l/a.csv"));
  EXPECT_TRUE(meant("l/**/a.csv", "l/x/y/a.csv"));
  EXPECT_FALSE(meant("l/**/a.csv", "l/xa.csv"));
  EXPECT_TRUE(meant("l/**", "l/x/y"));
}

TEST(KeyPattern, a_name_with_a_dot_in_front_is_meant_only_where_the_pattern_says_so) {
  for (const char* pattern : {"l/*", "l/?x", "l/[.]x", "l/**", "l/*x"}) EXPECT_FALSE(meant(pattern, "l/.x")) << pattern;
  EXPECT_FALSE(meant("l/**/a", "l/.hidden/a"));
  EXPECT_TRUE(meant("l/.x*", "l/.xy"));
}

TEST(KeyPattern, what_looks_like_an_expression_is_text) {
  EXPECT_TRUE(meant("l/a+(b).{c-d}$", "l/a+(b).{c-d}$"));
  EXPECT_FALSE(meant("l/a.csv", "l/aXcsv"));
  EXPECT_TRUE(meant("l/\\*\\{date\\}", "l/*{date}"));
  EXPECT_FALSE(meant("l/\\*", "l/a"));
}

TEST(KeyPattern, braces_tell_parts_of_the_name) {
  const auto pattern = KeyPattern::compile("l/{region}/{date}_orders.csv");
  ASSERT_TRUE(pattern) << pattern.error().message;

  EXPECT_EQ(pattern->parts("l/eu/2026-11-01_orders.csv"),
            (KeyPattern::Parts{{"date", "2026-11-01"}, {"region", "eu"}}));
  EXPECT_EQ(pattern->parts("l/eu/x/2026-11-01_orders.csv"), std::nullopt);
  EXPECT_EQ(pattern->folder(), "l/");
  EXPECT_EQ(pattern->part_names(), (std::vector<std::string>{"date", "region"}));
}

TEST(KeyPattern, a_part_that_is_named_twice_is_refused_with_what_to_do) {
  const auto got = KeyPattern::compile("l/{date}/{date}.csv");

  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, ErrorKind::invalid_input);
  EXPECT_NE(got.error().message.find("l/{date}/{date}.csv"), std::string::npos) << got.error().message;
  EXPECT_NE(got.error().hint.find("once"), std::string::npos);
}

TEST(KeyPattern, a_regular_expression_is_about_the_whole_key) {
  const std::string pattern = R"(regex:landing/o/(?P<date>\d{4}-\d\d)/.*\.csv)";
  EXPECT_TRUE(meant(pattern, "landing/o/2026-11/x/a.csv"));
  EXPECT_FALSE(meant(pattern, "landing/o/2026-11/x/a.csv.gz"));
  EXPECT_FALSE(meant(pattern, "x/landing/o/2026-11/a.csv"));
  EXPECT_EQ(KeyPattern::compile(pattern)->parts("landing/o/2026-11/a.csv"), (KeyPattern::Parts{{"date", "2026-11"}}));
  EXPECT_FALSE(KeyPattern::compile("regex:l/(?=a)"));
  EXPECT_FALSE(KeyPattern::compile("regex:l/(a"));
}

TEST(KeyPattern, the_folder_is_what_every_match_begins_with) {
  EXPECT_EQ(literal_folder("landing/orders/*.csv"), "landing/orders/");
  EXPECT_EQ(literal_folder("landing/ord*/x.csv"), "landing/");
  EXPECT_EQ(literal_folder("landing/\\{x}/{date}.csv"), "landing/{x}/");
  EXPECT_EQ(literal_folder("*/x.csv"), "");
  EXPECT_EQ(literal_folder("regex:^landing/my\\.orders/\\d+/x"), "landing/my.orders/");
  EXPECT_EQ(literal_folder("regex:landing/or?/x"), "landing/");
  EXPECT_EQ(literal_folder("regex:landing/?x"), "") << "the slash may be missing";
  EXPECT_EQ(literal_folder("regex:a/b|c/d"), "");
}

TEST(KeyPattern, a_newline_in_a_key_is_a_character_as_any_other) {
  EXPECT_TRUE(meant("l/*", "l/a\nb"));
  EXPECT_TRUE(meant("l/a?b", "l/a\nb"));
  EXPECT_TRUE(meant("regex:l/.*", "l/a\nb"));
}

}  // namespace
}  // namespace millrace::ingest
