#include <gtest/gtest.h>

#include "jinja/rendering_for_tests.h"

namespace millrace::jinja {
namespace {

TEST(Macro, binds_positions_names_and_defaults_that_use_earlier_parameters) {
  const std::string f = "{% macro f(a, b=2, c=a) %}[{{ a }}{{ b }}{{ c }}]{% endmacro %}";

  EXPECT_EQ(rendered(f + "{{ f(1) }}{{ f(1, 3) }}{{ f(1, c=9) }}{{ f(b=5, a=4) }}{{ f() }}"),
            "[121][131][129][454][2]");
}

TEST(Macro, reads_type_annotations_and_forgets_them) {
  EXPECT_EQ(rendered("{% macro f(a: str, b: list[str] = 3) %}{{ a }}{{ b }}{% endmacro %}{{ f(1) }}"), "13");
}

TEST(Macro, refuses_arguments_it_does_not_have) {
  const std::string f = "{% macro f(name) %}{% endmacro %}";

  EXPECT_EQ(rendered(f + "{{ f(1, 2) }}"), "error: t.sql:1:37: macro 'f': found 2 arguments, expected at most 1");
  EXPECT_EQ(rendered(f + "{{ f(nam=2) }}"), "error: t.sql:1:37: macro 'f': found the argument 'nam', expected name");
  EXPECT_EQ(error_of(f + "{{ f(nam=2) }}").hint, "did you mean 'name'?");
  EXPECT_EQ(rendered(f + "{{ f(1, name=2) }}"), "error: t.sql:1:37: macro 'f': found the argument 'name' twice");
}

TEST(Macro, varargs_and_kwargs_exist_where_they_are_named) {
  EXPECT_EQ(rendered("{% macro f(a) %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ f(1, 2, x=3) }}"), "(2,){'x': 3}");
}

TEST(Macro, sees_top_level_names_at_call_time_and_keeps_its_own) {
  EXPECT_EQ(rendered("{% macro f() %}{{ x }}{% set x = 6 %}{{ x }}{% endmacro %}{% set x = 5 %}{{ f() }}{{ x }}"),
            "565");
  EXPECT_EQ(rendered("{% macro f() %}{{ loop.index }}{% endmacro %}{% for i in [1] %}{{ f() }}{% endfor %}"), "");
  EXPECT_EQ(
      rendered("{% macro o() %}{% set v = 3 %}{% macro i() %}{{ v }}{% endmacro %}{{ i() }}{% endmacro %}{{ o() }}"),
      "3");
}

TEST(Macro, a_call_block_is_the_caller_with_arguments) {
  EXPECT_EQ(rendered("{% macro f() %}<{{ caller() }}>{% endmacro %}{% call f() %}x{{ 1 + 1 }}{% endcall %}"), "<x2>");
  EXPECT_EQ(rendered("{% macro f() %}{{ caller(1) }}{{ caller(2, b=3) }}{% endmacro %}"
                     "{% call(a, b=7) f() %}{{ a }}:{{ b }} {% endcall %}"),
            "1:7 2:3 ");
  EXPECT_EQ(rendered("{% macro f() %}x{% endmacro %}{% call f() %}y{% endcall %}"),
            "error: t.sql:1:39: macro 'f': it is used in a call block but never calls caller()");
}

TEST(Macro, return_ends_the_macro_with_any_value) {
  EXPECT_EQ(rendered("{% macro f() %}x{{ return([1, 2]) }}y{% endmacro %}{{ f()[1] + 1 }}"), "3");
  EXPECT_EQ(rendered("{% macro f() %}{{ return(none) }}{% endmacro %}{{ f() is none }}"), "True");
}

TEST(Macro, return_leaves_loops_and_blocks_but_only_its_own_macro) {
  EXPECT_EQ(
      rendered("{% macro g() %}{{ return('g') }}{% endmacro %}"
               "{% macro f() %}{% for i in [1, 2] %}{% set x %}{% if i %}{{ return(g() ~ i) }}{% endif %}{% endset %}"
               "{% endfor %}never{% endmacro %}{{ f() }}!"),
      "g1!");
}

TEST(Macro, return_through_a_call_block_ends_the_macro_that_called_it) {
  EXPECT_EQ(rendered("{% macro f() %}a{{ caller() }}b{% endmacro %}"
                     "{% macro g() %}<{% call f() %}{{ return('r') }}{% endcall %}>{% endmacro %}{{ g() }}"),
            "<r>");
}

TEST(Macro, return_outside_of_a_macro_is_an_error) {
  EXPECT_EQ(rendered("{{ return(1) }}"), "error: t.sql:1:4: found return() outside of a macro");
}

TEST(Macro, an_error_inside_shows_the_line_and_then_the_calls) {
  const Error e = error_of(
      "{% macro outer(x) %}\n  {{ inner(x) }}\n{% endmacro %}\n"
      "{% macro inner(y) %}{{ y + 'ä' }}{% endmacro %}\n{{ outer(1) }}");

  EXPECT_EQ(e.message, "t.sql:4:26: found int + str, which have no such operator");
  ASSERT_EQ(e.trail.size(), 3U);
  EXPECT_EQ(e.trail[0], "  | {% macro inner(y) %}{{ y + 'ä' }}{% endmacro %}\n  |                          ^");
  EXPECT_EQ(e.trail[1], "in macro 'inner', called at t.sql:2:6");
  EXPECT_EQ(e.trail[2], "in macro 'outer', called at t.sql:5:4");
}

}  // namespace
}  // namespace millrace::jinja
