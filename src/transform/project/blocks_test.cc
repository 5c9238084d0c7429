#include "transform/project/blocks.h"

#include <gtest/gtest.h>

namespace millrace::transform {
namespace {

std::string scanned(std::string_view text) {
  const auto blocks = scan_blocks(text, "m.sql", {"macro", "test", "data_test", "docs"});
  if (!blocks) return blocks.error().message;
  std::string out;
  for (const Block& b : *blocks)
    out += b.kind + " " + b.name + " " + std::to_string(b.line) + " [" + std::string(b.body) + "] ";
  return out;
}

TEST(Blocks, are_found_with_their_names_lines_and_bodies) {
  EXPECT_EQ(scanned("x\n{% macro a(b) %}1{% endmacro %}\n{%- docs d -%}2{%- enddocs -%}"),
            "macro a 2 [1] docs d 3 [2] ");
}

TEST(Blocks, a_data_test_may_end_as_a_test) {
  EXPECT_EQ(scanned("{% data_test t(model) %}1{% endtest %}"), "data_test t 1 [1] ");
}

TEST(Blocks, comments_texts_and_raw_hold_no_blocks) {
  EXPECT_EQ(scanned("{# {% macro a() %} #}{% raw %}{% macro b() %}{% endraw %}{{ '{% macro c() %}' }}"), "");
  EXPECT_EQ(scanned("{% macro a() %}{{ '{% endmacro %}' }}{% endmacro %}"), "macro a 1 [{{ '{% endmacro %}' }}] ");
}

TEST(Blocks, a_macro_inside_a_macro_ends_first) {
  EXPECT_EQ(scanned("{% macro a() %}{% macro b() %}{% endmacro %}1{% endmacro %}"),
            "macro a 1 [{% macro b() %}{% endmacro %}1] ");
}

TEST(Blocks, one_that_does_not_end_is_an_error_at_its_place) {
  EXPECT_EQ(scanned("\n  {% macro a() %}x"), "m.sql:2:3: found {% macro a %} that does not end");
  EXPECT_EQ(scanned("{# x"), "m.sql:1:1: found a comment {# that does not end");
  EXPECT_EQ(scanned("{% macro a("), "m.sql:1:1: found a tag {% that does not end");
}

}  // namespace
}  // namespace millrace::transform
