#include "base/json.h"

#include <gtest/gtest.h>

#include <limits>

namespace millrace::json {
namespace {

std::string string(std::string_view text) {
  std::string out;
  append_string(out, text);
  return out;
}

std::string number(auto value) {
  std::string out;
  append_number(out, value);
  return out;
}

TEST(Json, escapes_quotes_backslashes_and_every_control_character) {
  EXPECT_EQ(string("a\"b\\c\n\t\x01\x1f"), R"("a\"b\\c\n\t\u0001\u001f")");
  EXPECT_EQ(string(std::string_view("\0x", 2)), R"("\u0000x")");
  EXPECT_EQ(string("\x7f"), R"("\u007f")");
}

TEST(Json, keeps_good_utf8_and_replaces_each_bad_byte) {
  EXPECT_EQ(string("žluť 🙂"), "\"žluť 🙂\"");
  EXPECT_EQ(string("a\xff\xc3"), "\"a\xef\xbf\xbd\xef\xbf\xbd\"");
  EXPECT_EQ(string("\xed\xa0\x80"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"") << "a surrogate is not UTF-8";
  EXPECT_EQ(string("\xc0\xaf"), "\"\xef\xbf\xbd\xef\xbf\xbd\"") << "an overlong form is not UTF-8";
}

TEST(Json, numbers_are_exact_and_never_nan) {
  EXPECT_EQ(number(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
  EXPECT_EQ(number(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
  EXPECT_EQ(number(0.1), "0.1");
  EXPECT_EQ(number(std::numeric_limits<double>::infinity()), "null");
}

TEST(JsonWriter, places_commas_between_members_and_elements_only) {
  Writer w;

  w.begin_object().member("a", 1).key("b").begin_array().value("x").null().value(true).end_array();
  w.key("c").begin_object().end_object().end_object();

  EXPECT_EQ(w.text(), R"({"a":1,"b":["x",null,true],"c":{}})");
}

}  // namespace
}  // namespace millrace::json
