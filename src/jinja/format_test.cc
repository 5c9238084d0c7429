#include <gtest/gtest.h>

#include "jinja/rendering_for_tests.h"

namespace millrace::jinja {
namespace {

TEST(Format, percent_fields_take_tuples_dicts_and_single_values) {
  EXPECT_EQ(printed("'%s-%d' % ('a', 3), '%s' % 'x', '%(a)s' % {'a': 1}, '%d%%' % 5, '%s' % [1]"),
            "('a-3', 'x', '1', '5%', '[1]')");
  EXPECT_EQ(printed("'%5.2f|%-5s|%05d|%x|%+d|%e|%g|%c|%r' % (3.14159, 'a', 42, 255, 3, 12345.678, 0.00001, 'c', 'r')"),
            " 3.14|a    |00042|ff|+3|1.234568e+04|1e-05|c|'r'");
  EXPECT_EQ(printed("'%*d' % (5, 42)"), "   42");
}

TEST(Format, percent_refuses_what_does_not_fit) {
  EXPECT_EQ(printed("'%s %s' % 1"), "error: t.sql:1:12: format: found fewer values than % fields");
  EXPECT_EQ(printed("'a' % 1"), "error: t.sql:1:8: format: found more values than % fields");
  EXPECT_EQ(printed("'%d' % 'a'"), "error: t.sql:1:9: format: found str, expected an int for %d");
  EXPECT_EQ(printed("'%' % 1").substr(0, 6), "error:");
  EXPECT_EQ(printed("'%(a)s' % {}").substr(0, 6), "error:");
}

TEST(Format, brace_fields_take_positions_names_and_paths) {
  EXPECT_EQ(printed("'{} {}'.format(1, 'a'), '{0}{1}{0}'.format('a', 'b'), '{x}'.format(x=1), '{{}}'.format()"),
            "('1 a', 'aba', '1', '{}')");
  EXPECT_EQ(printed("'{a[0]} {!r}'.format('q', a=[1])"), "1 'q'");
  EXPECT_EQ(printed("'{:>{w}}|'.format('a', w=5)"), "    a|");
}

TEST(Format, specifications_follow_python) {
  EXPECT_EQ(
      printed(
          "'{:05d} {:,} {:.2f} {:x} {:#x} {:b} {:e} {:%}'.format(42, 1234567, 3.14159, 255, 255, 5, 12345.678, 0.25)"),
      "00042 1,234,567 3.14 ff 0xff 101 1.234568e+04 25.000000%");
  EXPECT_EQ(
      printed(
          "'{:*^9} {:+} {:.3} {:.3} {:,.2f} {:=+6d} {:5}|'.format('mid', 5, 'abcdef', 3.14159, 1234567.891, 5, true)"),
      "***mid*** +5 abc 3.14 1,234,567.89 +    5     1|");
}

TEST(Format, brace_refuses_what_does_not_fit) {
  EXPECT_EQ(printed("'{'.format()"),
            "error: t.sql:1:8: format: found a single {, expected it twice or a field in braces");
  EXPECT_EQ(printed("'{}'.format()"), "error: t.sql:1:9: format: found 0 arguments, expected at least 1");
  EXPECT_EQ(printed("'{x}'.format()"), "error: t.sql:1:10: format: found no argument 'x'");
  EXPECT_EQ(printed("'{:q}'.format(1)"),
            "error: t.sql:1:11: found the format 'q', expected one such as >10, 05d or .2f");
  EXPECT_EQ(printed("'{:d}'.format('a')"), "error: t.sql:1:11: found str for the format d");
}

}  // namespace
}  // namespace millrace::jinja
