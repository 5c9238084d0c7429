#include "warehouse/dialect.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "warehouse/duckdb/database.h"

namespace millrace::warehouse {
namespace {

/// Any text of valid UTF-8 without NUL, quotes among it more often than chance would have it.
std::string any_text(Random& random) {
  static constexpr std::string_view kPieces[] = {"a", "\"", "'",    "\"\"", ";",  "--",     "/*",    "\\",
                                                 " ", "é",  "🙂", "\n",   "$1", "{rows}", "select"};
  std::string out;
  for (std::uint64_t n = 1 + random.below(12); n > 0; --n) out += kPieces[random.below(std::size(kPieces))];
  return out;
}

TEST(Dialect, any_text_round_trips_as_a_literal_and_as_an_identifier) {
  const auto db = *duckdb::open({":memory:"});
  const auto session = *db->connect();
  const Dialect& d = session->dialect();
  Random random(3);
  for (int i = 0; i < 500; ++i) {
    const std::string text = any_text(random);
    const auto got = session->query({"round trip", "SELECT " + d.literal(text) + " AS " + d.quote(text)});
    ASSERT_TRUE(got) << got.error().message << "\n" << text;
    EXPECT_EQ(to_text(got->rows[0][0]), text);
    EXPECT_EQ(got->columns[0], text);
  }
}

}  // namespace
}  // namespace millrace::warehouse
