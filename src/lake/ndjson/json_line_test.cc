#include "lake/ndjson/json_line.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include "base/random.h"
#include "base/utf8.h"

namespace millrace::lake::ndjson {
namespace {

/// "key=value" of each member, strings in quotes, nested values in angle brackets; or the fault.
std::string read(std::string_view line) {
  JsonLine json;
  if (const auto fault = json.parse(line)) return std::string(name_of(fault->code)) + ": " + fault->reason;
  std::string out;
  for (const Member& m : json.members()) {
    out += (out.empty() ? "" : " ") + std::string(m.key) + "=";
    const std::string text(m.value.text);
    out += m.value.text.data() == nullptr ? "NULL"
           : m.value.quoted               ? "'" + text + "'"
           : m.value.nested               ? "<" + text + ">"
                                          : text;
  }
  return out;
}

TEST(JsonLineTest, members_are_told_as_they_are_written) {
  EXPECT_EQ(read(R"({})"), "");
  EXPECT_EQ(read(R"( { "a" : 1 ,"b":"x y","c":null,	"d":true,"e":false } )"), "a=1 b='x y' c=NULL d=true e=false");
  EXPECT_EQ(read(R"({"a":123456789012345678901234567890.10,"b":-0,"c":1e3,"d":1.50E-7})"),
            "a=123456789012345678901234567890.10 b=-0 c=1e3 d=1.50E-7");
  EXPECT_EQ(read(R"({"a":[1, {"b":[]}],"c":{"d":null}})"), R"(a=<[1, {"b":[]}]> c=<{"d":null}>)");
}

TEST(JsonLineTest, escapes_become_their_characters) {
  EXPECT_EQ(read(R"({"a\u0062":"\"\\\/\b\f\n\r\t\u00e9\u20AC\ud83d\ude00."})"),
            "ab='\"\\/\b\f\n\r\t\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80.'");
}

TEST(JsonLineTest, a_line_that_is_no_json_object_is_told_with_the_byte) {
  EXPECT_EQ(read("[1]"), "bad_json: byte 1: found \"[1]\", expected one JSON object in each line");
  EXPECT_EQ(read(R"({"a":1} x)"), "bad_json: byte 9: found \"x\", expected nothing behind the object");
  EXPECT_EQ(read(R"({"a":1)"), "bad_json: byte 7: found the end of the line, expected a comma or }");
  EXPECT_EQ(read(R"({"a":[1,}})"), "bad_json: byte 9: found \"}}\", expected a value");
  EXPECT_EQ(read(R"({"a":"\x"})"), "bad_json: byte 8: found \"x\"}\", expected an escape such as \\n or \\u00e9");
  EXPECT_EQ(read(R"({"a":"\ud83d"})"), "bad_json: byte 13: found \"\"}\", expected the other half of a surrogate pair");
  EXPECT_EQ(read(R"({"a":"\u0000"})"), "nul_byte: byte 7: found \\u0000");
  for (const char* bad : {"",
                          " ",
                          "1",
                          "{",
                          "{,}",
                          "{a:1}",
                          "{\"a\"}",
                          "{\"a\":}",
                          "{\"a\":1,}",
                          "{\"a\" 1}",
                          "{\"a\":01}",
                          "{\"a\":+1}",
                          "{\"a\":1.}",
                          "{\"a\":.5}",
                          "{\"a\":1e}",
                          "{\"a\":NaN}",
                          "{\"a\":tru}",
                          "{\"a\":nulll}",
                          "{\"a\":'x'}",
                          "{\"a\":\"x}",
                          "{\"a\":\"x\ty\"}",
                          "{\"a\":{\"b\" 1}}",
                          "{\"a\":[1 2]}",
                          "{\"a\":\"\\udc00\"}",
                          "{\"a\":1}{\"a\":2}"})
    EXPECT_TRUE(read(bad).starts_with("bad_json")) << bad;
}

TEST(JsonLineTest, nesting_is_followed_to_a_limit) {
  const auto nested = [](std::size_t n) { return "{\"a\":" + std::string(n, '[') + std::string(n, ']') + "}"; };

  EXPECT_TRUE(read(nested(JsonLine::kMostDepth)).starts_with("a=<[[["));
  EXPECT_TRUE(read(nested(JsonLine::kMostDepth + 1)).starts_with("bad_json"));
  EXPECT_TRUE(read("{\"a\":" + std::string(1 << 20, '[')).starts_with("bad_json"));
}

/// simdjson's word on the line; nullopt where the two may differ: numbers beyond 64 bits, keys alone.
std::optional<bool> is_object(const std::string& line) {
  static simdjson::dom::parser parser;
  const auto got = parser.parse(line);
  if (got.error() == simdjson::NUMBER_ERROR) return std::nullopt;
  return got.error() == simdjson::SUCCESS && got.is_object();
}

TEST(JsonLineTest, says_of_changed_lines_what_simdjson_says) {
  const std::string good[] = {R"({"a":1,"b":"x\n\u00e9","c":[1,2,{"d":null}],"e":true})",
                              R"({"k":-1.5e+3,"l":{},"m":[]})", R"( {"a" : "\ud83d\ude00" , "b":false} )"};
  const std::string_view alphabet = "{}[]:,\"\\ 0123456789.eE+-truefalsn\tu";
  Random random(9);
  int valid = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string line = good[random.below(3)];
    for (std::uint64_t n = random.below(4); n > 0; --n) {
      const std::size_t at = random.below(line.size());
      const char c = alphabet[random.below(alphabet.size())];
      if (random.below(3) == 0)
        line.erase(at, 1);
      else if (random.below(2) == 0)
        line.insert(at, 1, c);
      else
        line[at] = c;
    }
    const auto want = is_object(line);
    // Ours is stricter in one thing: half a surrogate pair is no text.
    if (!want || line.find("\\ud") != std::string::npos || line.find("\\ude") != std::string::npos) continue;
    if (line.find("\\u0000") != std::string::npos) continue;
    JsonLine json;
    ASSERT_EQ(!json.parse(line), *want) << line;
    valid += *want ? 1 : 0;
  }
  EXPECT_GT(valid, 2000);
}

}  // namespace
}  // namespace millrace::lake::ndjson
