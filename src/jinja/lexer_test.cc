#include "jinja/lexer.h"

#include <gtest/gtest.h>

#include "jinja/rendering_for_tests.h"

namespace millrace::jinja {
namespace {

TEST(Lexer, braces_and_quotes_inside_an_expression_do_not_end_it) {
  EXPECT_EQ(rendered("{{ '}}' }}{{ \"%}\" }}{{ {'a': {}} }}{% set x = {'a': {'b': 1}} %}{{x['a']['b']}}"),
            "}}%}{'a': {}}1");
}

TEST(Lexer, text_that_only_looks_like_a_tag_stays) {
  EXPECT_EQ(rendered("a { b } { { c }} %} #} {"), "a { b } { { c }} %} #} {");
}

TEST(Lexer, escapes_are_pythons_and_unknown_ones_stay) {
  EXPECT_EQ(*unescaped(R"('a\n\x41\u00e9\101\'\\')"), "a\nAéA'\\");
  EXPECT_EQ(*unescaped(R"('\d+\.')"), "\\d+\\.");
  EXPECT_FALSE(unescaped(R"('\ud800')"));
  EXPECT_FALSE(unescaped(R"('\x4')"));
  EXPECT_EQ(unescaped(R"('\N{DASH}')").error().kind, ErrorKind::unsupported);
}

TEST(Lexer, numbers_may_have_underscores_bases_and_exponents) {
  EXPECT_EQ(printed("1_000, 0x1F, 0b101, 0o17, 1_0.5, 1e3, 1.5e-3"), "(1000, 31, 5, 15, 10.5, 1000.0, 0.0015)");
}

TEST(Lexer, tokens_know_where_they_begin) {
  const Source source("ab\n{{ x }}", "t.sql");
  const auto tokens = tokenize(source);

  ASSERT_TRUE(tokens);
  ASSERT_EQ(tokens->size(), 5U);
  EXPECT_EQ((*tokens)[2].kind, TokenKind::name);
  EXPECT_EQ(source.where((*tokens)[2].offset), "t.sql:2:4");
}

TEST(Lexer, bytes_that_are_not_utf8_pass_through_as_text) {
  EXPECT_EQ(rendered("a\xff{{ '\xfe' ~ 1 }}"),
            "a\xff\xfe"
            "1");
  EXPECT_EQ(printed("'\xfe\xffz' | length"), "3");
  EXPECT_EQ(printed("['\xfe'] "), "['\\xfe']");
}

TEST(Source, columns_count_characters_and_excerpts_hide_control_bytes) {
  const Source source("äö\tx\x1b[31m y", "t.sql");

  EXPECT_EQ(source.where(5), "t.sql:1:4");
  EXPECT_EQ(source.excerpt(5), "  | äö x [31m y\n  |    ^");
}

TEST(Source, excerpts_of_long_lines_are_cut_around_the_place) {
  const Source source(std::string(500, 'a') + "X" + std::string(500, 'b'), "t.sql");

  EXPECT_EQ(source.excerpt(500),
            "  | " + std::string(80, 'a') + "X" + std::string(39, 'b') + "\n  | " + std::string(80, ' ') + "^");
}

}  // namespace
}  // namespace millrace::jinja
