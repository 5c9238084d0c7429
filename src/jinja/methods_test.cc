#include "jinja/methods.h"

#include <gtest/gtest.h>

#include "jinja/rendering_for_tests.h"

namespace millrace::jinja {
namespace {

TEST(Methods, text_is_split_as_python_splits_it) {
  EXPECT_EQ(printed("'a,b,c'.split(','), ' a b '.split(' '), 'a,b,c'.split(',', 1), 'a,b,c'.rsplit(',', 1)"),
            "(['a', 'b', 'c'], ['', 'a', 'b', ''], ['a', 'b,c'], ['a,b', 'c'])");
  EXPECT_EQ(printed("' a  b  c '.split(), ' a  b  c '.split(none, 1), ' a  b  c '.rsplit(none, 1), ''.split()"),
            "(['a', 'b', 'c'], ['a', 'b  c '], [' a  b', 'c'], [])");
  EXPECT_EQ(printed("'a'.split('')"), "error: t.sql:1:8: split: found an empty separator");
}

TEST(Methods, text_changes_case_edges_and_parts) {
  EXPECT_EQ(printed("'aB'.upper(), 'É'.lower(), 'ab cd'.title(), ' a '.strip(), 'xax'.strip('x'), ' a'.lstrip()"),
            "('AB', 'é', 'Ab Cd', 'a', 'a', 'a')");
  EXPECT_EQ(printed("'abc'.replace('b', 'x'), 'abc'.replace('', '-'), 'aaa'.replace('a', 'b', 2)"),
            "('axc', '-a-b-c-', 'bba')");
  EXPECT_EQ(printed("'abc'.startswith('a'), 'abc'.endswith(('x', 'c')), 'abc'.find('z'), 'äbc'.index('c')"),
            "(True, True, -1, 2)");
  EXPECT_EQ(printed("'-5'.zfill(4), 'a'.ljust(3) ~ '|', 'a'.rjust(3), 'a'.center(4) ~ '|', '12'.isdigit()"),
            "('-005', 'a  |', '  a', ' a  |', True)");
  EXPECT_EQ(printed("'-'.join(['a', 'b'])"), "a-b");
  EXPECT_EQ(printed("'-'.join([1])"), "error: t.sql:1:8: join: found int in the list, expected a str");
}

TEST(Methods, lists_are_shared_and_change_in_place) {
  EXPECT_EQ(rendered("{% set l = [] %}{% do l.append(1) %}{% do l.extend((2, 3)) %}{% do l.insert(0, 0) %}{{ l }}"
                     "{{ l.pop() }}{{ l.pop(0) }}{% do l.remove(2) %}{{ l }}{{ l.index(1) }}{{ l.count(5) }}"),
            "[0, 1, 2, 3]30[1]00");
  EXPECT_EQ(printed("[].pop()"), "error: t.sql:1:7: pop: found a list of 0 items");
  EXPECT_EQ(
      rendered("{% set l = [3, 1, 2] %}{% do l.sort() %}{{ l }}{% do l.reverse() %}{{ l }}{% do l.clear() %}{{ l }}"),
      "[1, 2, 3][3, 2, 1][]");
}

TEST(Methods, dicts_are_shared_and_keep_their_order) {
  EXPECT_EQ(
      rendered(
          "{% set d = {'b': 1} %}{% do d.update({'a': 2}) %}{% do d.update(c=3) %}{{ d }}"
          "{{ d.pop('b') }}{{ d.pop('zz', 9) }}{{ d.setdefault('q', 4) }}{{ d.keys() | list }}{{ d.values() | list }}"),
      "{'b': 1, 'a': 2, 'c': 3}194['a', 'c', 'q'][2, 3, 4]");
  EXPECT_EQ(printed("{'a': 1}.get('a'), {}.get('b'), {}.get('b', 5), {'a': 1}.items() | list"),
            "(1, None, 5, [('a', 1)])");
  EXPECT_EQ(printed("{}.pop('a')"), "error: t.sql:1:7: pop: the key is not in the dict");
  EXPECT_EQ(printed("{'items': 1}['items'], {'items': 1}.items is callable"), "(1, True)");
}

TEST(Methods, a_container_cannot_come_to_hold_itself) {
  EXPECT_EQ(rendered("{% set l = [] %}{% do l.append([(l,)]) %}"),
            "error: t.sql:1:25: found a list that would come to hold itself");
  EXPECT_EQ(rendered("{% set l = [] %}{% do l.append(l.append) %}").substr(0, 6), "error:");
  EXPECT_EQ(rendered("{% set d = {} %}{% do d.update(x={'y': d}) %}").substr(0, 6), "error:");
  EXPECT_EQ(rendered("{% set ns = namespace() %}{% set ns.x = [ns] %}").substr(0, 6), "error:");
}

TEST(Methods, many_keys_are_found_and_taken_out) {
  EXPECT_EQ(
      rendered(
          "{% set d = {} %}{% for i in range(1000) %}{% do d.update({i: i * 2}) %}{% endfor %}"
          "{% for i in range(0, 1000, 2) %}{% do d.pop(i) %}{% endfor %}{{ d | length }} {{ d[501] }} {{ d[500] }}"),
      "500 1002 ");
}

}  // namespace
}  // namespace millrace::jinja
