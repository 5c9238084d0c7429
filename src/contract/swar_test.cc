#include "contract/swar.h"

#include <gtest/gtest.h>

#include <string>

#include "contract/column.h"

namespace millrace {
namespace {

TEST(Swar, digits_of_every_length_are_read_and_nothing_else) {
  const std::string number = "98765432";
  for (std::size_t n = 1; n <= 8; ++n) {
    // On the heap and exactly as long, so that a sanitizer sees a byte read beyond.
    const std::string text = number.substr(0, n);
    const std::vector<char> exact(text.begin(), text.end());
    std::uint64_t value = 0;
    ASSERT_TRUE(swar::digits(exact.data(), n, value)) << text;
    EXPECT_EQ(value, std::stoull(text));
    for (std::size_t at = 0; at < n; ++at)
      for (int c = 0; c < 256; ++c) {
        std::vector<char> broken = exact;
        broken[at] = static_cast<char>(c);
        EXPECT_EQ(swar::digits(broken.data(), n, value), c >= '0' && c <= '9') << text << " at " << at << ": " << c;
      }
  }
}

TEST(Swar, a_cell_holds_texts_of_every_length) {
  for (std::size_t n = 0; n <= 40; ++n) {
    std::vector<char> text;
    for (std::size_t i = 0; i < n; ++i) text.push_back(static_cast<char>('a' + i));
    const StringCell cell = StringCell::of({text.data(), n});
    EXPECT_EQ(cell.view(), std::string(text.begin(), text.end()));
    for (std::size_t i = n; i < StringCell::kMostInlined; ++i)
      EXPECT_EQ(cell.inlined.bytes[i], 0) << "the engine compares cells as bytes";
  }
}

}  // namespace
}  // namespace millrace
