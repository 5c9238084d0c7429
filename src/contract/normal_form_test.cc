#include "contract/normal_form.h"

#include <gtest/gtest.h>

namespace millrace {
namespace {

TEST(NormalForm, what_is_written_in_pieces_is_composed) {
  EXPECT_EQ(composed("e\xcc\x81"), "\xc3\xa9");                                 // e and an accent
  EXPECT_EQ(composed("\xe2\x84\xab"), "\xc3\x85");                              // the sign of the angstrom
  EXPECT_EQ(composed("\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab"), "\xed\x95\x9c");  // a syllable of Hangul
  EXPECT_EQ(composed("a\xcc\xa3\xcc\x82"), "\xe1\xba\xad");                     // two marks
}

TEST(NormalForm, what_is_composed_already_or_no_text_stays_as_it_is) {
  EXPECT_EQ(composed("plain"), std::nullopt);
  EXPECT_EQ(composed("\xc3\xa9"), std::nullopt);
  EXPECT_EQ(composed("p\xd0\xb0ypal"), std::nullopt) << "a letter that only looks like another is another";
  EXPECT_EQ(composed("\xef\xac\x81"), std::nullopt) << "a ligature is no other way to write two letters";
  EXPECT_EQ(composed("\xff"), std::nullopt);
  EXPECT_EQ(composed(""), std::nullopt);
}

}  // namespace
}  // namespace millrace
