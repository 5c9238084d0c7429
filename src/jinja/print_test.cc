#include "jinja/print.h"

#include <gtest/gtest.h>

#include "jinja/rendering_for_tests.h"

namespace millrace::jinja {
namespace {

TEST(Print, values_print_as_in_python) {
  EXPECT_EQ(printed("[1, 'a', none, true], {'k': 1}, (1,), ()"), "([1, 'a', None, True], {'k': 1}, (1,), ())");
  EXPECT_EQ(printed("true"), "True");
  EXPECT_EQ(printed("[x]"), "[Undefined]");
  EXPECT_EQ(printed("namespace(a=1)"), "<Namespace {'a': 1}>");
}

TEST(Print, floats_print_their_shortest_form) {
  EXPECT_EQ(float_text(3.5), "3.5");
  EXPECT_EQ(float_text(2.0), "2.0");
  EXPECT_EQ(float_text(1e20), "1e+20");
  EXPECT_EQ(float_text(1e16), "1e+16");
  EXPECT_EQ(float_text(1e15), "1000000000000000.0");
  EXPECT_EQ(float_text(0.0001), "0.0001");
  EXPECT_EQ(float_text(0.00001), "1e-05");
  EXPECT_EQ(float_text(0.1 + 0.2), "0.30000000000000004");
  EXPECT_EQ(float_text(-0.0), "-0.0");
  EXPECT_EQ(float_text(1.7976931348623157e308), "1.7976931348623157e+308");
}

TEST(Print, texts_in_lists_are_quoted_so_that_nothing_is_hidden) {
  EXPECT_EQ(quoted("it's"), "\"it's\"");
  EXPECT_EQ(quoted("'\""), "'\\'\"'");
  EXPECT_EQ(quoted("a\n\t\\\x01é"), "'a\\n\\t\\\\\\x01é'");
  EXPECT_EQ(quoted("\xe2\x80\x8b"), "'\\u200b'");
}

TEST(Print, json_can_be_indented_and_escapes_beyond_ascii) {
  Meter meter;
  const Value v = *evaluate("{'b': [1], 'a': {}}", MapScope());

  EXPECT_EQ(*to_json(v, {false, false, 2}, meter), "{\n  \"b\": [\n    1\n  ],\n  \"a\": {}\n}");
  EXPECT_EQ(*to_json(Value("😀<"), {}, meter), "\"\\ud83d\\ude00<\"");
}

}  // namespace
}  // namespace millrace::jinja
