#include "jinja/filters.h"

#include <gtest/gtest.h>

#include "jinja/rendering_for_tests.h"

namespace millrace::jinja {
namespace {

TEST(Filters, length_first_last_and_list_take_every_sort_of_row) {
  EXPECT_EQ(printed("[1, 2] | length, 'äb' | length, {'a': 1} | count"), "(2, 2, 1)");
  EXPECT_EQ(printed("[1, 2] | first, 'abc' | last, {'a': 1} | first"), "(1, 'c', 'a')");
  EXPECT_EQ(printed("'ab' | list, (1, 2) | list, {'a': 1} | list"), "(['a', 'b'], [1, 2], ['a'])");
  EXPECT_EQ(printed("[] | first ~ '|'"), "|");
  EXPECT_EQ(printed("5 | length"), "error: t.sql:1:8: found int, expected a value with a length");
}

TEST(Filters, text_filters_print_their_subject_first) {
  EXPECT_EQ(printed("' a ' | trim, 'xxaxx' | trim('x'), 12 | string"), "('a', 'a', '12')");
  EXPECT_EQ(printed("'aB' | upper, 'Äb' | lower, 'hello wORLD' | capitalize, \"it's a-b\" | title"),
            "('AB', 'äb', 'Hello world', \"It's A-B\")");
  EXPECT_EQ(printed("'a b a' | replace('a', 'x'), 'aaa' | replace('a', 'b', 2), 121 | replace(1, 'x')"),
            "('x b x', 'bba', 'x2x')");
  EXPECT_EQ(printed("'a\\nb\\n\\nc' | indent, 'a\\nb' | indent(2, true)"), "('a\\n    b\\n\\n    c', '  a\\n  b')");
  EXPECT_EQ(printed("'%s-%02d' | format('a', 3)"), "a-03");
}

TEST(Filters, join_prints_items_or_one_attribute_of_each) {
  EXPECT_EQ(printed("[1, 'a', none] | join(', ')"), "1, a, None");
  EXPECT_EQ(printed("[{'a': 1}, {'a': 2}] | join('-', attribute='a')"), "1-2");
  EXPECT_EQ(printed("{'a': 1, 'b': 2} | join"), "ab");
}

TEST(Filters, map_takes_an_attribute_path_or_a_filter) {
  EXPECT_EQ(printed("['x', 'y'] | map('upper') | list"), "['X', 'Y']");
  EXPECT_EQ(printed("['a-b'] | map('replace', '-', '_') | list"), "['a_b']");
  EXPECT_EQ(printed("[{'a': {'b': 1}}] | map(attribute='a.b') | list"), "[1]");
  EXPECT_EQ(printed("[[1, 2]] | map(attribute=1) | list, [[1, 2]] | map(attribute='0') | list"), "([2], [1])");
  EXPECT_EQ(printed("[{}, {'a': 1}] | map(attribute='a', default=9) | list"), "[9, 1]");
}

TEST(Filters, select_and_reject_use_truth_or_a_test) {
  EXPECT_EQ(printed("[0, 1, '', none] | select | list, [1, 2, 3] | reject('odd') | list"), "([1], [2])");
  EXPECT_EQ(printed("[1, 2, 3] | select('>', 1) | list, [1, 2] | select('in', [2]) | list"), "([2, 3], [2])");
  EXPECT_EQ(printed("[{'a': 1}, {'a': 2}] | selectattr('a', 'equalto', 2) | list"), "[{'a': 2}]");
  EXPECT_EQ(printed("[{'a': 1}, {'b': 0}] | rejectattr('a') | list"), "[{'b': 0}]");
}

TEST(Filters, sort_ignores_case_and_keeps_equal_items_in_order) {
  EXPECT_EQ(printed("['b', 'A', 'c'] | sort, ['b', 'A'] | sort(case_sensitive=true), [3, 1] | sort(reverse=true)"),
            "(['A', 'b', 'c'], ['A', 'b'], [3, 1])");
  EXPECT_EQ(printed("[{'a': 2, 'b': 1}, {'a': 2, 'b': 0}] | sort(attribute='a,b') | map(attribute='b') | list"),
            "[0, 1]");
  EXPECT_EQ(printed("[('b', 1), ('a', 1), ('c', 0)] | sort(attribute=1, reverse=true) | map('first') | join"), "bac");
  EXPECT_EQ(printed("['a', none] | sort"),
            "error: t.sql:1:18: found none and str, expected two values that have an order");
}

TEST(Filters, unique_groupby_batch_and_dictsort_keep_what_they_promise) {
  EXPECT_EQ(printed("[1, 2, 2, 'a', 'A'] | unique | list"), "[1, 2, 'a']");
  EXPECT_EQ(rendered("{% for k, g in [{'a': 1, 'b': 2}, {'a': 0, 'b': 3}, {'a': 1, 'b': 4}] | groupby('a') %}"
                     "{{ k }}:{{ g | map(attribute='b') | join(',') }};{% endfor %}"),
            "0:3;1:2,4;");
  EXPECT_EQ(printed("[1, 2, 3] | batch(2) | list, [1] | batch(2, 'x') | list"), "([[1, 2], [3]], [[1, 'x']])");
  EXPECT_EQ(printed("{'b': 1, 'a': 2} | dictsort, {'b': 1, 'a': 2} | dictsort(by='value')"),
            "([('a', 2), ('b', 1)], [('b', 1), ('a', 2)])");
}

TEST(Filters, numbers_are_read_as_python_reads_them) {
  EXPECT_EQ(printed("'12' | int, '12.7' | int, 'x' | int, 'x' | int(5), -12.9 | int, none | int, ' 1_000 ' | int"),
            "(12, 12, 0, 5, -12, 0, 1000)");
  EXPECT_EQ(printed("'0x1f' | int(base=16), '1.5' | float, 'x' | float, 3 | float"), "(31, 1.5, 0.0, 3.0)");
  EXPECT_EQ(printed("2.5 | round, 2.675 | round(2), 1234.5 | round(-2), 2.1 | round(0, 'ceil'), 5 | round"),
            "(2.0, 2.67, 1200.0, 3.0, 5)");
  EXPECT_EQ(printed("x | int"), "error: t.sql:1:8: 'x' is undefined");
  EXPECT_EQ(printed("-5 | abs, [1, 2.5] | sum, [1, 5] | max, ['b', 'A'] | min"), "(5, 3.5, 5, 'A')");
}

TEST(Filters, tojson_sorts_keys_and_is_safe_in_html) {
  EXPECT_EQ(printed("{'b': [1, none, true, 1.5], 'a': '<é\\n\\'>'} | tojson"),
            R"({"a": "\u003c\u00e9\n\u0027\u003e", "b": [1, null, true, 1.5]})");
  EXPECT_EQ(printed("range | tojson"), "error: t.sql:1:12: found function, expected a value that JSON has");
}

TEST(Filters, default_stands_in_for_undefined_or_if_asked_for_anything_falsy) {
  EXPECT_EQ(printed("x | default('d'), none | default('d'), '' | default('d', true), x.y.z | d(1)"),
            "('d', None, 'd', 1)");
}

TEST(Filters, an_unknown_filter_or_test_suggests_a_known_one_and_a_left_out_one_says_so) {
  EXPECT_EQ(printed("x | uper"), "error: t.sql:1:8: found the filter 'uper', which is not known");
  EXPECT_EQ(error_of("{{ x | uper }}").hint, "did you mean 'upper'?");
  EXPECT_EQ(error_of("{{ x is definedd }}").hint, "did you mean 'defined'?");
  EXPECT_EQ(error_of("{{ x | urlize }}").kind, ErrorKind::unsupported);
  EXPECT_EQ(rendered("{% if false %}{{ x | uper }}{% endif %}"), "");
}

TEST(Filters, tests_tell_types_apart_as_python_does) {
  EXPECT_EQ(printed("1 is number, true is number, true is integer, 1.0 is float, 'a' is string"),
            "(True, True, False, True, True)");
  EXPECT_EQ(printed("[] is sequence, 'a' is sequence, {} is mapping, 1 is iterable, x is iterable"),
            "(True, True, True, False, True)");
  EXPECT_EQ(printed("none is none, x is none, 1 is true, 6 is divisibleby 3, 2 is not in [1]"),
            "(True, False, False, True, True)");
  EXPECT_EQ(printed("3 is odd and 4 is even, 'AB' is upper, range is callable, 1 is sameas 1"),
            "(True, True, True, True)");
}

}  // namespace
}  // namespace millrace::jinja
