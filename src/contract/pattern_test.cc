#include "contract/pattern.h"

#include <gtest/gtest.h>

namespace millrace {
namespace {

void expect(std::string_view format, std::initializer_list<std::string_view> good,
            std::initializer_list<std::string_view> bad) {
  const auto pattern = Pattern::named(format);
  ASSERT_TRUE(pattern) << pattern.error().message;
  for (std::string_view text : good) EXPECT_TRUE(pattern->matches(text)) << format << ": " << text;
  for (std::string_view text : bad) EXPECT_FALSE(pattern->matches(text)) << format << ": " << text;
}

TEST(Pattern, formats_with_a_name_take_the_whole_text) {
  expect("email", {"a@b.example", "first.last+tag@sub.example.org"},
         {"", "a", "a@", "@b", "a b@c.d", "a@b..c", "a@-b.c", "a@b.c\n", " a@b.c"});
  expect("uuid", {"123e4567-e89b-12d3-a456-426614174000", "123E4567-E89B-12D3-A456-426614174000"},
         {"", "123e4567e89b12d3a456426614174000", "{123e4567-e89b-12d3-a456-426614174000}",
          "g23e4567-e89b-12d3-a456-426614174000"});
  expect("uri", {"https://example.org/a?b=c#d", "urn:isbn:0451450523", "s3://b/k%20x"},
         {"", "example.org", "http://a b", "1http://x", "http://%zz"});
  expect("hostname", {"example", "a-b.example.org"}, {"", "-a", "a-", "a..b", "a_b", std::string(64, 'a')});
  expect("ipv4", {"0.0.0.0", "255.255.255.255", "192.168.1.9"},
         {"", "256.1.1.1", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.4 "});
  expect("ipv6",
         {"::", "::1", "2001:db8::8a2e:370:7334", "1:2:3:4:5:6:7:8", "::ffff:192.0.2.1", "1::8",
          "1:2:3:4:5:6:7::", "fe80::1:2:3:4"},
         {"", ":", ":::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::", "g::", "1:2:3:4:5:6:7:8::"});
  EXPECT_EQ(Pattern::named("binary").error().kind, ErrorKind::unsupported);
}

TEST(Pattern, what_is_not_understood_is_named) {
  EXPECT_EQ(Pattern::compile("a(?=b)").error().message, "pattern \"a(?=b)\": invalid perl operator: (?=");
  EXPECT_EQ(Pattern::compile("(a)\\1").error().message, "pattern \"(a)\\1\": invalid escape sequence: \\1");
  EXPECT_EQ(Pattern::compile("\\Aab").error().message, "pattern \"\\Aab\": \\A has no meaning in ECMAScript");
  EXPECT_FALSE(Pattern::compile("a("));
  EXPECT_TRUE(Pattern::compile("\\\\Q"));
}

TEST(Pattern, a_hostile_pattern_takes_linear_time) {
  const auto pattern = Pattern::compile("^(a+)+$");
  EXPECT_FALSE(pattern->matches(std::string(100'000, 'a') + "b"));
}

}  // namespace
}  // namespace millrace
