#include "base/yaml.h"

#include <gtest/gtest.h>

namespace millrace::yaml {
namespace {

const Place kRoot{"p.yaml", ""};

std::string message_of(std::string_view text) {
  const auto got = parse(text, "p.yaml");
  return got ? "parsed" : got.error().message;
}

TEST(Yaml, keeps_positions_kinds_and_whether_a_scalar_was_quoted) {
  const auto root = parse("a: 1\nb:\n  - 'x'\n  - ~\n", "p.yaml");

  ASSERT_TRUE(root);
  EXPECT_EQ(root->find("a")->scalar, "1");
  EXPECT_FALSE(root->find("a")->quoted);
  EXPECT_TRUE(root->find("b")->items.at(0).quoted);
  EXPECT_EQ(root->find("b")->items.at(0).line, 3);
  EXPECT_EQ(root->find("b")->items.at(1).kind, Node::Kind::null);
}

TEST(Yaml, refuses_a_key_given_twice_and_says_where) {
  EXPECT_EQ(message_of("a: 1\na: 2\n"), "p.yaml:2:1: key \"a\" is given twice");
}

TEST(Yaml, refuses_what_is_not_yaml_and_what_would_not_fit) {
  EXPECT_TRUE(message_of("a: [1, 2").starts_with("p.yaml:")) << message_of("a: [1, 2");
  EXPECT_EQ(message_of("a: 1\n---\nb: 2\n"), "p.yaml: found a second document after ---, expected one");
  EXPECT_EQ(message_of("a: &x [*x]"), "p.yaml:1:8: an alias stands inside its own anchor");
  std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 8; ++i) {
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j) bomb += (j ? ",*a" : "*a") + std::to_string(i - 1);
    bomb += "]\n";
  }
  EXPECT_NE(message_of(bomb).find("larger than 1,000,000 nodes"), std::string::npos);
  EXPECT_NE(message_of(std::string(200, '[') + std::string(200, ']')).find("nested deeper than 100"),
            std::string::npos);
}

TEST(Yaml, columns_are_characters_whatever_they_are_made_of) {
  for (const std::string before : {"abcd", "S\xc3\xa3o1",
                                   "\xe6\x97\xa5\xe6\x9c\xac"
                                   "12",
                                   "\xf0\x9f\x99\x82"
                                   "abc",
                                   "a\tb "}) {
    for (const std::string start : {"", "\xef\xbb\xbf", "# \xc3\xa9\n", "# x\r\n"}) {
      const std::string line = start.find('\n') == std::string::npos ? "1" : "2";
      EXPECT_EQ(message_of(start + "{k: \"" + before + "\", k: 2}"),
                "p.yaml:" + line + ":13: key \"k\" is given twice");
      EXPECT_TRUE(message_of(start + "{k: \"" + before + "\", *nobody }").starts_with("p.yaml:" + line + ":13: "));
      const auto root = parse(start + "{k: \"" + before + "\", n: 2}", "p.yaml");
      EXPECT_EQ(root->find("n")->column, 16);
    }
  }
}

TEST(YamlFields, an_unknown_key_names_the_nearest_known_one) {
  const auto root = *parse("naem: x\n", "p.yaml");
  auto fields = *Fields::of(root, kRoot);
  ASSERT_TRUE(fields.text("name", "-"));

  const auto got = fields.done();

  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().message, "p.yaml:1:1: unknown key \"naem\"");
  EXPECT_EQ(got.error().hint, "did you mean \"name\"?");
}

TEST(YamlFields, a_wrong_type_says_where_what_was_found_and_what_was_expected) {
  const auto root = *parse("lake: {url: [1]}\nn: many\n", "p.yaml");
  auto fields = *Fields::of(root, kRoot);
  auto lake = *Fields::of(**fields.mapping("lake"), kRoot.member("lake"));

  EXPECT_EQ(lake.text("url").error().message, "p.yaml:1:13: lake.url: found a list, expected a single value");
  EXPECT_EQ(fields.integer("n", 0).error().message, "p.yaml:2:4: n: found \"many\", expected a whole number");
  EXPECT_EQ(lake.text("table").error().message, "p.yaml:1:7: lake: key \"table\" is missing");
}

}  // namespace
}  // namespace millrace::yaml
