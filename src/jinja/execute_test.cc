#include <gtest/gtest.h>

#include "jinja/rendering_for_tests.h"

namespace millrace::jinja {
namespace {

TEST(Execute, set_in_a_loop_does_not_leak_and_if_does_not_scope) {
  EXPECT_EQ(rendered("{% set x = 1 %}{% for i in range(3) %}{% set x = x + 1 %}{{ x }}{% endfor %}{{ x }}"), "2221");
  EXPECT_EQ(rendered("{% set x = 1 %}{% if true %}{% set x = 2 %}{% endif %}{{ x }}"), "2");
  EXPECT_EQ(rendered("{% for i in [1, 2] %}{{ z }}{% set z = i %}{% endfor %}{{ z }}"), "");
  EXPECT_EQ(rendered("{% set x = 5 %}{% for x in [1] %}{{ x }}{% endfor %}{{ x }}"), "15");
}

TEST(Execute, a_namespace_carries_values_out_of_a_loop) {
  EXPECT_EQ(
      rendered("{% set ns = namespace(x=1) %}{% for i in range(3) %}{% set ns.x = ns.x + i %}{% endfor %}{{ ns.x }}"),
      "4");
  EXPECT_EQ(rendered("{% set d = {} %}{% set d.x = 1 %}"),
            "error: t.sql:1:24: found dict in 'd', expected a namespace");
}

TEST(Execute, loops_unpack_filter_and_know_where_they_are) {
  EXPECT_EQ(rendered("{% for a, (b, c) in [(1, (2, 3))] %}{{ a }}{{ b }}{{ c }}{% endfor %}"), "123");
  EXPECT_EQ(rendered("{% for i in range(5) if i is even %}{{ loop.index }}/{{ loop.length }}:{{ i }} {% endfor %}"),
            "1/3:0 2/3:2 3/3:4 ");
  EXPECT_EQ(rendered("{% for i in 'abc' %}{{ loop.index0 }}{{ loop.first }}{{ loop.last }}{{ loop.revindex }}"
                     "{{ loop.previtem }}{{ loop.nextitem }}{{ loop.cycle('o', 'e') }} {% endfor %}"),
            "0TrueFalse3bo 1FalseFalse2ace 2FalseTrue1bo ");
  EXPECT_EQ(rendered("{% for i in [] %}x{% else %}none{% endfor %}{% for i in missing %}x{% else %}!{% endfor %}"),
            "none!");
  EXPECT_EQ(rendered("{% for a, b in [(1, 2, 3)] %}{% endfor %}"),
            "error: t.sql:1:8: found 3 values, expected 2 to assign to as many names");
  EXPECT_EQ(rendered("{% for i in 5 %}{% endfor %}"),
            "error: t.sql:1:13: found int, expected a list or another value to loop over");
}

TEST(Execute, break_and_continue_end_the_nearest_loop_or_turn) {
  EXPECT_EQ(
      rendered("{% for i in range(9) %}{% if i == 2 %}{% continue %}{% endif %}{% if i == 5 %}{% break %}{% endif %}"
               "{{ i }}{% endfor %}"),
      "0134");
  EXPECT_EQ(rendered("{% break %}"), "error: t.sql:1:1: found 'break' outside of a for");
  EXPECT_EQ(rendered("{% for i in [1] %}{% macro f() %}{% break %}{% endmacro %}{% endfor %}").substr(0, 6), "error:");
}

TEST(Execute, set_takes_tuples_and_blocks_with_filters) {
  EXPECT_EQ(rendered("{% set a, b = 1, 2 %}{{ a }}{{ b }}{% set x = 1, %}{{ x }}"), "12(1,)");
  EXPECT_EQ(rendered("{% set x %}a{{ 1 }}b{% endset %}{{ x }}"), "a1b");
  EXPECT_EQ(rendered("{% set x | upper | trim %} abc {% endset %}{{ x }}"), "ABC");
  EXPECT_EQ(rendered("{% set x %}{% set y = 1 %}{{ y }}{% endset %}{{ x }}{{ y }}"), "1");
}

TEST(Execute, filter_blocks_change_their_text) {
  EXPECT_EQ(rendered("{% filter upper %}abc {{ 'x' }}{% endfilter %}"), "ABC X");
  EXPECT_EQ(rendered("{% filter replace('a', 'b') | title %}aaa{% endfilter %}"), "Bbb");
}

TEST(Execute, minus_takes_white_space_and_plus_leaves_it) {
  EXPECT_EQ(rendered("a  {%- if true -%}  x  {%- endif -%}  z"), "axz");
  EXPECT_EQ(rendered("{{- 1 -}}   {{ 2 }}  "), "12  ");
  EXPECT_EQ(rendered("a  {#- c -#}  b {# {{ #} c"), "ab  c");
  EXPECT_EQ(rendered("a {%+ if true +%} b{% endif %}"), "a  b");
  EXPECT_EQ(rendered("a {%- raw -%}  {{ x }}  {%- endraw -%}  b"), "a{{ x }}b");
}

TEST(Execute, one_line_end_at_the_very_end_is_dropped_and_blank_lines_stay) {
  EXPECT_EQ(rendered("{{ config }}\r\n\r\nselect 1\r\n\r\n"), "\n\nselect 1\n");
}

TEST(Execute, do_evaluates_and_prints_nothing) {
  EXPECT_EQ(rendered("{% set l = [] %}{% do l.append(1) %}{% set m = l %}{% do m.append(2) %}{{ l }}"), "[1, 2]");
}

TEST(Execute, a_colon_may_end_a_tag) { EXPECT_EQ(rendered("{% if true: %}x{% else: %}y{% endif %}"), "x"); }

TEST(Execute, a_loop_kept_by_the_template_is_freed) {
  EXPECT_EQ(
      rendered("{% set l = [[1]] %}{% for x in l %}{% do x.append(loop) %}{% do loop.changed(x) %}{% endfor %}{{ l }}"),
      "[[1, <loop>]]");
}

}  // namespace
}  // namespace millrace::jinja
