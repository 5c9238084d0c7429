#include "jinja/parser.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/words.h"
#include "jinja/rendering_for_tests.h"
#include "testing/golden.h"

namespace millrace::jinja {
namespace {

TEST(Parser, each_left_out_tag_is_unsupported_and_named_with_its_place) {
  for (const std::string_view tag :
       {"include", "import", "from", "extends", "block", "with", "autoescape", "trans", "debug"}) {
    const Error e = error_of(fmt::format("select\n  {{% {} x %}}", tag));
    EXPECT_EQ(e.kind, ErrorKind::unsupported) << tag;
    EXPECT_EQ(e.message, fmt::format("t.sql:2:3: found the tag '{}', which Millrace does not support", tag));
  }
  EXPECT_EQ(error_of("{% for x in y recursive %}").kind, ErrorKind::unsupported);
}

TEST(Parser, an_unknown_tag_is_unsupported_with_the_nearest_known_one) {
  const Error e = error_of("{% fro x in y %}{% endfor %}{% snapshot x %}");

  EXPECT_EQ(e.kind, ErrorKind::unsupported);
  EXPECT_EQ(e.message, "t.sql:1:1: found the tag 'fro', which is no tag known here");
  EXPECT_EQ(e.hint, "did you mean 'for'?");
}

TEST(Parser, mistakes_are_told_with_place_expectation_and_line) {
  std::string all;
  for (const std::string_view text : {"{{ 1 + }}",
                                      "{{ foo( }}",
                                      "{{ (1 }}",
                                      "{{ 'abc }}",
                                      "{{ a b }}",
                                      "select {# never closed",
                                      "{% raw %}x",
                                      "{{ 1",
                                      "{% if x %}\na",
                                      "{% for x in y %}{% endif %}",
                                      "{% endif %}",
                                      "{% if x %}{% else %}{% else %}{% endif %}",
                                      "{% if %}{% endif %}",
                                      "{% for x of y %}{% endfor %}",
                                      "{% set 1 = 2 %}",
                                      "{% set none = 2 %}",
                                      "{% %}",
                                      "{% macro (a) %}{% endmacro %}",
                                      "{% macro f(a, a) %}{% endmacro %}",
                                      "{% macro f(a=1, b) %}{% endmacro %}",
                                      "{% call f %}{% endcall %}",
                                      "{{ f(a=1, 2) }}",
                                      "{{ f(a=1, a=2) }}",
                                      "{{ {'a' 1} }}",
                                      "{{ [1 2] }}",
                                      "{{ x | }}",
                                      "{{ x is }}",
                                      "{{ x.\n  'a' }}",
                                      "{{ 1 is none is none }}",
                                      "{{ \"\\xZZ\" }}",
                                      "{{ 99999999999999999999 }}",
                                      "{{ a $ b }}",
                                      "{{ a ] }}",
                                      "{% do 1 ",
                                      "{% set x, y %}",
                                      "{{ 'ünï' 1 }}"}) {
    const Error e = error_of(text);
    all += fmt::format("# {}\n{}: {}\n", printable(text), name_of(e.kind), e.message);
    if (!e.hint.empty()) all += fmt::format("hint: {}\n", e.hint);
    all += join(e.trail, "\n") + "\n\n";
  }

  EXPECT_TRUE(testing::matches_golden(all, MR_SOURCE_DIR "jinja/testdata/mistakes.txt"));
}

}  // namespace
}  // namespace millrace::jinja
