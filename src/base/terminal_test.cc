#include "base/terminal.h"

#include <gtest/gtest.h>

#include "base/words.h"

namespace millrace {
namespace {

TEST(TerminalTest, data_cannot_steer_a_terminal_whichever_way_it_writes_an_escape) {
  EXPECT_EQ(printable("a\x1b[31mred"), "a\\x1b[31mred");
  EXPECT_EQ(printable("a\xc2\x9b"
                      "31mred"),
            "a\\u009b31mred");  // CSI as one character (C1)
  EXPECT_EQ(printable("a\x9b"
                      "31mred"),
            "a\\x9b31mred");  // and as one byte
  EXPECT_EQ(printable("gpj.\xe2\x80\xae"
                      "exe"),
            "gpj.\\u202eexe");
  EXPECT_EQ(printable("a\xe2\x80\xa8"
                      "b"),
            "a\\u2028b");
  EXPECT_EQ(printable("S\xc3\xa3o \xf0\x9f\x99\x82"), "S\xc3\xa3o \xf0\x9f\x99\x82");
}

TEST(TerminalTest, a_whole_output_keeps_its_lines_and_nothing_else_that_steers) {
  EXPECT_EQ(harmless("one\n\ttwo\x1b]0;title\x07\n"), "one\n\ttwo\\u001b]0;title\\u0007\n");
  EXPECT_EQ(harmless("\xc2\x9b"
                     "2J \xe2\x81\xa6x\x7f"),
            "\\u009b2J \\u2066x\\u007f");
  EXPECT_EQ(harmless("bad \xff\r"), "bad \\xff\\u000d");
  EXPECT_EQ(harmless("{\"a\":\"\xe2\x80\xae\"}"), "{\"a\":\"\\u202e\"}");  // JSON stays JSON
}

TEST(TerminalTest, width_is_counted_in_cells) {
  EXPECT_EQ(display_width("abc"), 3U);
  EXPECT_EQ(display_width("S\xc3\xa3o"), 3U);
  EXPECT_EQ(display_width("e\xcc\x81"), 1U);                 // a combining accent
  EXPECT_EQ(display_width("\xe6\x97\xa5\xe6\x9c\xac"), 4U);  // two ideographs
  EXPECT_EQ(display_width("\xf0\x9f\x99\x82"), 2U);          // an emoji
  EXPECT_EQ(display_width("\xef\xbc\x91"), 2U);              // a full-width digit
  EXPECT_EQ(display_width("\xef\xbb\xbf\xe2\x80\x8b"), 0U);  // zero width
}

}  // namespace
}  // namespace millrace
