#include "serve/key.h"

#include <gtest/gtest.h>

#include "warehouse/duckdb/database.h"

namespace millrace::serve {
namespace {

bool reads(ColumnType type, const std::string& text) { return read_key(type, text).has_value(); }

TEST(Key, a_number_is_read_within_the_range_of_its_type) {
  EXPECT_TRUE(reads({TypeKind::int8}, "-128"));
  EXPECT_FALSE(reads({TypeKind::int8}, "128"));
  EXPECT_TRUE(reads({TypeKind::int64}, "-9223372036854775808"));
  EXPECT_FALSE(reads({TypeKind::int64}, "9223372036854775808"));
  EXPECT_TRUE(reads({TypeKind::uint64}, "18446744073709551615"));
  EXPECT_FALSE(reads({TypeKind::uint64}, "-1"));
  EXPECT_TRUE(reads({TypeKind::int128}, "-170141183460469231731687303715884105728"));
  EXPECT_FALSE(reads({TypeKind::int128}, "170141183460469231731687303715884105728"));
  for (const char* bad : {"", "-", "+1", " 1", "1 ", "1.0", "0x1", "1e3", "abc", "1;DROP TABLE x", "١"})
    EXPECT_FALSE(reads({TypeKind::int64}, bad)) << bad;
}

TEST(Key, decimals_and_times_are_read_as_the_api_writes_them) {
  const ColumnType money{TypeKind::decimal, 5, 2};
  for (const char* good : {"1", "-1.5", "999.99", "000999.99", "0.10"}) EXPECT_TRUE(reads(money, good)) << good;
  for (const char* bad : {"", ".", "1.", ".5", "1.234", "1000", "1,5", "--1", "1e1"})
    EXPECT_FALSE(reads(money, bad)) << bad;
  EXPECT_TRUE(reads({TypeKind::date}, "2018-07-12"));
  EXPECT_FALSE(reads({TypeKind::date}, "2018-02-30"));
  EXPECT_TRUE(reads({TypeKind::timestamp}, "2018-07-12T17:33:04.123"));
  EXPECT_FALSE(reads({TypeKind::timestamp}, "2018-07-12T25:00:00"));
  EXPECT_TRUE(reads({TypeKind::timestamptz}, "2018-07-12T17:33:04Z"));
  EXPECT_FALSE(reads({TypeKind::timestamptz}, "2018-07-12T17:33:04"));
  EXPECT_TRUE(reads({TypeKind::boolean}, "true"));
  EXPECT_FALSE(reads({TypeKind::float64}, "nan"));
  EXPECT_FALSE(reads({TypeKind::blob}, "x"));
}

TEST(Key, every_key_that_is_read_casts_to_its_type_in_the_engine) {
  const auto db = *warehouse::duckdb::open({":memory:", 1, {}});
  const auto session = *db->connect();
  const std::tuple<ColumnType, const char*, const char*> cases[] = {
      {{TypeKind::uint64}, "18446744073709551615", "18446744073709551615"},
      {{TypeKind::int128}, "-170141183460469231731687303715884105728", "-170141183460469231731687303715884105728"},
      {{TypeKind::decimal, 5, 2}, "-1.5", "-1.50"},
      {{TypeKind::decimal, 38, 2},
       "123456789012345678901234567890123456.78",
       "123456789012345678901234567890123456.78"},
      {{TypeKind::date}, "2018-07-12", "2018-07-12"},
      {{TypeKind::timestamp}, "2018-07-12T17:33:04.123", "2018-07-12 17:33:04.123"},
      {{TypeKind::timestamptz}, "2018-07-12T17:33:04Z", "2018-07-12 17:33:04+00"},
      {{TypeKind::text}, "a'b\"c;--", "a'b\"c;--"},
  };
  for (const auto& [type, text, expected] : cases) {
    const auto rows =
        session->query({"cast", "SELECT CAST($1 AS " + session->dialect().type(type) + ")", {*read_key(type, text)}});
    ASSERT_TRUE(rows) << rows.error().message;
    EXPECT_EQ(warehouse::to_text(rows->rows[0][0]), expected);
  }
}

}  // namespace
}  // namespace millrace::serve
