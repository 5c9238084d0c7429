#include <gtest/gtest.h>

#include "jinja/rendering_for_tests.h"

namespace millrace::jinja {
namespace {

TEST(Evaluate, operators_bind_as_in_jinja) {
  EXPECT_EQ(printed("1 + 2 * 3"), "7");
  EXPECT_EQ(printed("2 ** 3 ** 2"), "64");
  EXPECT_EQ(printed("-2 ** 2"), "4");
  EXPECT_EQ(printed("'a' ~ 1 + 2"), "error: t.sql:1:12: found str + int, which have no such operator");
  EXPECT_EQ(printed("1 + 2 ~ 3"), "error: t.sql:1:6: found int + str, which have no such operator");
  EXPECT_EQ(printed("not true == false"), "True");
  EXPECT_EQ(printed("not false and true or false"), "True");
  EXPECT_EQ(printed("1 + '2' | int * 3"), "7");
  EXPECT_EQ(printed("-1 | abs"), "1");
}

TEST(Evaluate, division_and_remainder_follow_python) {
  EXPECT_EQ(printed("7 // 2, -7 // 2, 7 % -3, -7 % 3"), "(3, -4, -2, 2)");
  EXPECT_EQ(printed("1 / 2, 4 / 2, 7.5 // 2, -7.5 % 2"), "(0.5, 2.0, 3.0, 0.5)");
  EXPECT_EQ(printed("2 ** -1, 2 ** 0.5"), "(0.5, 1.4142135623730951)");
  EXPECT_EQ(printed("1 // 0"), "error: t.sql:1:6: found a division by zero");
  EXPECT_EQ(printed("1.0 % 0"), "error: t.sql:1:8: found a division by zero");
}

TEST(Evaluate, integers_are_exact_or_an_error) {
  EXPECT_EQ(printed("9223372036854775807, -9223372036854775807 - 1"), "(9223372036854775807, -9223372036854775808)");
  EXPECT_EQ(printed("9223372036854775807 + 1"), "error: t.sql:1:24: 9223372036854775807 + 1 needs more than 64 bits");
  EXPECT_EQ(printed("(-9223372036854775807 - 1) // -1").substr(0, 6), "error:");
  EXPECT_EQ(printed("(-9223372036854775807 - 1) % -1"), "0");
  EXPECT_EQ(printed("2 ** 62"), "4611686018427387904");
  EXPECT_EQ(printed("2 ** 63").substr(0, 6), "error:");
  EXPECT_EQ(printed("-(-9223372036854775807 - 1)").substr(0, 6), "error:");
}

TEST(Evaluate, comparisons_chain_and_mix_numbers) {
  EXPECT_EQ(printed("1 < 2 < 3, 1 < 2 > 5, 1 == 1.0 == true"), "(True, False, True)");
  EXPECT_EQ(printed("9007199254740993 == 9007199254740992.0"), "False");
  EXPECT_EQ(printed("[1, 'a'] == [1, 'a'], (1,) == [1], {'a': 1} == {'a': 1.0}"), "(True, False, True)");
  EXPECT_EQ(printed("[1, 2] < [1, 3], 'a' < 'b'"), "(True, True)");
  EXPECT_EQ(printed("1 < 'a'"), "error: t.sql:1:8: found int and str, expected two values that have an order");
}

TEST(Evaluate, membership_looks_into_lists_texts_and_keys) {
  EXPECT_EQ(printed("1 in [1], 'b' in 'abc', 'x' in {'x': 1}, 3 not in (1, 2)"), "(True, True, True, True)");
  EXPECT_EQ(printed("1 in nowhere"), "False");
  EXPECT_EQ(printed("1 in 'a'"), "error: t.sql:1:9: found int in str, expected a str on the left of `in`");
  EXPECT_EQ(printed("1 in none").substr(0, 6), "error:");
}

TEST(Evaluate, concatenation_prints_each_part) {
  EXPECT_EQ(printed("'1' ~ 2 ~ none"), "12None");
  EXPECT_EQ(printed("'a' ~ 2.0 ~ [1] ~ true ~ nothing"), "a2.0[1]True");
  EXPECT_EQ(printed("'a' \"b\" 'c'"), "abc");
  EXPECT_EQ(error_of("{{ 'a' + 1 }}").hint, "join texts and numbers with ~");
}

TEST(Evaluate, inline_if_without_else_is_undefined) {
  EXPECT_EQ(printed("'a' if false"), "");
  EXPECT_EQ(printed("('a' if false) is defined"), "False");
  EXPECT_EQ(printed("1 if 0 else 2 if 0 else 3"), "3");
}

TEST(Evaluate, and_or_give_the_operand_that_decided) {
  EXPECT_EQ(printed("[] or 'x', [] and 'x', 0 or none"), "('x', [], None)");
  EXPECT_EQ(printed("true or missing()"), "True");
}

TEST(Evaluate, slices_and_negative_indexes_follow_python) {
  EXPECT_EQ(printed("[1, 2, 3][1:], [1, 2, 3][:-1], [1, 2, 3][::-1]"), "([2, 3], [1, 2], [3, 2, 1])");
  EXPECT_EQ(printed("[1, 2, 3, 4, 5][3:0:-2], [1, 2][-100:100]"), "([4, 2], [1, 2])");
  EXPECT_EQ(printed("'abc'[1:], (1, 2, 3)[1:], 'äöü'[1], [1, 2][-1]"), "('bc', (2, 3), 'ö', 2)");
  EXPECT_EQ(printed("[1][9223372036854775807:-9223372036854775807 - 1:-9223372036854775807 - 1]"), "[1]");
  EXPECT_EQ(printed("[1][::0]"), "error: t.sql:1:7: found a slice with step 0");
  EXPECT_EQ(printed("[5, 6].1, [[1, 2]].0.1"), "(6, 2)");
}

TEST(Evaluate, what_is_not_there_prints_nothing_and_is_falsy) {
  EXPECT_EQ(printed("x"), "");
  EXPECT_EQ(printed("x.y.z ~ x['a'][0] ~ none.foo ~ [1][7] ~ {}.a ~ 5.5.a"), "");
  EXPECT_EQ(rendered("{% if x.y %}yes{% else %}no{% endif %}"), "no");
  EXPECT_EQ(printed("x is defined, x.y is undefined, x | length, x == y"), "(False, True, 0, True)");
}

TEST(Evaluate, calling_or_calculating_with_what_is_not_there_names_it) {
  EXPECT_EQ(printed("x()"), "error: t.sql:1:4: 'x' is undefined");
  EXPECT_EQ(printed("dbt_utils.star()"), "error: t.sql:1:14: 'dbt_utils.star' is undefined");
  EXPECT_EQ(printed("x + 1"), "error: t.sql:1:6: 'x' is undefined");
  EXPECT_EQ(printed("[].apend(1)"), "error: t.sql:1:7: 'list' has no attribute 'apend'");
}

TEST(Evaluate, strict_mode_refuses_every_use_but_the_tests_for_it) {
  const Options strict{{}, Missing::strict, {}};

  EXPECT_EQ(printed("x", MapScope(), strict), "error: t.sql:1:4: 'x' is undefined");
  EXPECT_EQ(printed("x.y", MapScope(), strict), "error: t.sql:1:6: 'x' is undefined");
  EXPECT_EQ(printed("x == 1", MapScope(), strict).substr(0, 6), "error:");
  EXPECT_EQ(rendered("{% if x %}{% endif %}", MapScope(), strict).substr(0, 6), "error:");
  EXPECT_EQ(printed("{'a': 1}.b", MapScope(), strict), "error: t.sql:1:13: 'dict' has no attribute 'b'");
  EXPECT_EQ(printed("x is defined, x | default('d'), {}.a is defined", MapScope(), strict), "(False, 'd', False)");
  EXPECT_EQ(printed("'a' if false", MapScope(), strict), "");
}

TEST(Evaluate, callable_mode_lets_a_first_pass_call_anything) {
  const Options pass{{}, Missing::callable, {}};

  EXPECT_EQ(printed("x(1).y(a=2)[0]() ~ 'z'", MapScope(), pass), "z");
}

TEST(Evaluate, arguments_can_be_spread) {
  const std::string f = "{% macro f(a, b) %}{{ a }}{{ b }}{% endmacro %}";

  EXPECT_EQ(rendered(f + "{{ f(*[1, 2]) }}{{ f(**{'b': 4, 'a': 3}) }}{{ f(5, *[6]) }}"), "123456");
  EXPECT_EQ(rendered("{{ dict(a=1, **{'a': 2}) }}"), "error: t.sql:1:16: found the argument 'a' twice");
  EXPECT_EQ(rendered("{{ dict(**[1]) }}"), "error: t.sql:1:11: found list after **, expected a dict");
}

TEST(Evaluate, keys_are_equal_as_numbers_are) {
  EXPECT_EQ(printed("{1: 'a', 1.0: 'b', true: 'c'}"), "{1: 'c'}");
  EXPECT_EQ(printed("{(1, 'a'): 2}[(1, 'a')]"), "2");
  EXPECT_EQ(printed("{[1]: 2}"), "error: t.sql:1:5: found a list as a key, expected a value that cannot change");
}

}  // namespace
}  // namespace millrace::jinja
