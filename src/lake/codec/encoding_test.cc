#include "lake/codec/encoding.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "base/utf8.h"

namespace millrace::lake {
namespace {

using namespace std::string_literals;

/// The text of `bytes`, fed in pieces of `step` bytes behind the first; or "code: reason".
std::string decoded(const std::string& bytes, Encoding encoding, std::size_t step = 1 << 20) {
  Transcoder transcoder(encoding);
  std::string out;
  std::size_t at = 0;
  do {
    const std::size_t n = std::min(at == 0 ? std::max<std::size_t>(step, 4096) : step, bytes.size() - at);
    if (const auto reject = transcoder.feed({bytes.data() + at, n}, at + n == bytes.size(), out))
      return std::string(name_of(reject->code)) + ": " + reject->reason;
    at += n;
  } while (at < bytes.size());
  return out;
}

std::string utf16(std::u16string_view text, bool little) {
  std::string out;
  for (const char16_t c : text) {
    const char low = static_cast<char>(c & 0xff), high = static_cast<char>(c >> 8);
    out += little ? low : high;
    out += little ? high : low;
  }
  return out;
}

TEST(EncodingTest, names_are_read_back) {
  for (const char* name : {"utf-8", "latin-1", "cp1252", "utf-16", "utf-16le", "utf-16be"})
    EXPECT_EQ(name_of(*encoding_of(name)), name);
  EXPECT_FALSE(encoding_of("ebcdic"));
}

TEST(EncodingTest, single_bytes_become_their_characters) {
  EXPECT_EQ(decoded("caf\xe9 \xff\x80\n", Encoding::latin1), "caf\xc3\xa9 \xc3\xbf\xc2\x80\n");
  EXPECT_EQ(decoded("\x80 1 \x99\xe9", Encoding::cp1252), "\xe2\x82\xac 1 \xe2\x84\xa2\xc3\xa9");
  EXPECT_EQ(decoded("", Encoding::latin1), "");
}

TEST(EncodingTest, a_byte_that_cp1252_does_not_know_is_named_with_its_place) {
  EXPECT_EQ(decoded("abc\x81", Encoding::cp1252),
            "wrong_encoding: found byte 0x81 at offset 3, which is no character, expected cp1252");
}

TEST(EncodingTest, utf16_is_read_in_both_orders_and_keeps_its_mark_as_that_of_utf8) {
  const std::u16string text = u"\ufeffid,name\n1,\u00e9\u20ac\U0001f600\n";
  const std::string want = "\xef\xbb\xbfid,name\n1,\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\n";

  EXPECT_EQ(decoded(utf16(text, true), Encoding::utf16), want);
  EXPECT_EQ(decoded(utf16(text, false), Encoding::utf16), want);
  EXPECT_EQ(decoded(utf16(text, true), Encoding::utf16le), want);
  EXPECT_EQ(decoded(utf16(text.substr(1), false), Encoding::utf16be), want.substr(3));
}

TEST(EncodingTest, where_pieces_end_changes_nothing) {
  Random random(7);
  std::u16string text(3000, u',');
  for (int i = 0; i < 3000; ++i) text += random.below(3) == 0 ? u"\U0001f600" : u"\u4e00a";
  const std::string whole = decoded(utf16(text, true), Encoding::utf16le);
  ASSERT_EQ(utf8::first_bad_byte(whole), std::string::npos);

  for (const std::size_t step : {1, 2, 3, 5, 1000})
    EXPECT_EQ(decoded(utf16(text, true), Encoding::utf16le, step), whole);
}

TEST(EncodingTest, half_characters_are_refused_with_their_place) {
  const std::string high = utf16(u"a,b\n"s + char16_t(0xd83d), true), low = utf16(u"a,b\n"s + char16_t(0xde00), true);

  EXPECT_EQ(decoded(high + "c\0"s, Encoding::utf16le),
            "wrong_encoding: found half a surrogate pair, 0xd83d, at offset 8, expected utf-16le");
  EXPECT_EQ(decoded(high, Encoding::utf16le), decoded(high + "c\0"s, Encoding::utf16le));
  EXPECT_TRUE(decoded(low, Encoding::utf16le).starts_with("wrong_encoding"));
  EXPECT_EQ(decoded(utf16(u"a,b\n", true) + "c", Encoding::utf16le),
            "wrong_encoding: found a last byte alone, at offset 8, expected utf-16le");
}

TEST(EncodingTest, bytes_of_another_encoding_are_told) {
  const std::string le = utf16(u"\ufeffid,name\n", true);
  EXPECT_EQ(decoded("id,name\n1,a\n", Encoding::utf16),
            "wrong_encoding: found no mark of UTF-16 at the begin; without one, declare utf-16le or utf-16be, expected "
            "utf-16");
  EXPECT_EQ(decoded("id,name\n1,ab\n", Encoding::utf16le),
            "wrong_encoding: found no NUL in the first 13 bytes: this is not UTF-16, expected utf-16le");
  EXPECT_TRUE(decoded(le, Encoding::utf16be).starts_with("wrong_encoding: found the mark of the other byte order"));
  EXPECT_TRUE(decoded(le.substr(2), Encoding::utf16be).starts_with("wrong_encoding: found what looks like the other"));
  EXPECT_TRUE(decoded(le, Encoding::latin1).starts_with("wrong_encoding: found the mark of UTF-16"));
  EXPECT_TRUE(decoded("\xef\xbb\xbfid", Encoding::cp1252).starts_with("wrong_encoding: found the mark of UTF-8"));
}

}  // namespace
}  // namespace millrace::lake
