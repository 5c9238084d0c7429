#include "serve/json_rows.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/json.h"
#include "base/random.h"
#include "serve/json_cell.h"
#include "warehouse/duckdb/database.h"

namespace millrace::serve {
namespace {

using namespace std::string_literals;

struct JsonRowsTest : ::testing::Test {
  JsonRowsTest() : db(*warehouse::duckdb::open({":memory:", 1, {}})), session(*db->connect()) {}

  /// All rows of a query, as the server would write them.
  std::string json_of(const std::string& query) {
    const auto columns = session->columns_of(query);
    if (!columns) return columns.error().message;
    const JsonRows rows(*columns);
    std::string out;
    const auto done = session->read({"test", query}, [&](std::span<const ColumnView> views, std::size_t batch) {
      if (!out.empty()) out += ',';
      rows.append(out, views, 0, batch);
      return ok();
    });
    return done ? out : done.error().message;
  }
  std::string cell(const std::string& sql) {
    const std::string row = json_of("SELECT " + sql + " AS x");
    return row.starts_with("{\"x\":") ? row.substr(5, row.size() - 6) : row;
  }
  std::unique_ptr<warehouse::Warehouse> db;
  std::unique_ptr<warehouse::Session> session;
};

TEST_F(JsonRowsTest, integers_of_every_width_are_numbers_with_all_their_digits) {
  EXPECT_EQ(cell("(-128)::TINYINT"), "-128");
  EXPECT_EQ(cell("(-32768)::SMALLINT"), "-32768");
  EXPECT_EQ(cell("2147483647::INTEGER"), "2147483647");
  EXPECT_EQ(cell("(-9223372036854775808)::BIGINT"), "-9223372036854775808");
  EXPECT_EQ(cell("255::UTINYINT"), "255");
  EXPECT_EQ(cell("65535::USMALLINT"), "65535");
  EXPECT_EQ(cell("4294967295::UINTEGER"), "4294967295");
  EXPECT_EQ(cell("18446744073709551615::UBIGINT"), "18446744073709551615");
  EXPECT_EQ(cell("170141183460469231731687303715884105727::HUGEINT"), "170141183460469231731687303715884105727");
}

TEST_F(JsonRowsTest, decimals_keep_exactly_their_digits_in_every_storage_width) {
  EXPECT_EQ(cell("12.30::DECIMAL(4,2)"), "12.30");
  EXPECT_EQ(cell("(-0.05)::DECIMAL(9,2)"), "-0.05");
  EXPECT_EQ(cell("0::DECIMAL(9,3)"), "0.000");
  EXPECT_EQ(cell("(-12345678901.2345678)::DECIMAL(18,7)"), "-12345678901.2345678");
  EXPECT_EQ(cell("0.000000000000000001::DECIMAL(18,18)"), "0.000000000000000001");
  EXPECT_EQ(cell("999999999999999999::DECIMAL(18,0)"), "999999999999999999");
  EXPECT_EQ(cell("(-0.01)::DECIMAL(38,2)"), "-0.01");
  EXPECT_EQ(cell("99999999999999999999999999999999999999::DECIMAL(38,0)"), "99999999999999999999999999999999999999");
}

TEST_F(JsonRowsTest, floats_are_shortest_and_what_is_no_number_is_null) {
  EXPECT_EQ(cell("0.1::DOUBLE"), "0.1");
  EXPECT_EQ(cell("0.1::FLOAT"), "0.1");
  EXPECT_EQ(cell("1e22::DOUBLE"), "1e+22");
  EXPECT_EQ(cell("'-0'::DOUBLE"), "-0");
  for (const char* text : {"'nan'::DOUBLE", "'infinity'::DOUBLE", "'-infinity'::FLOAT"}) EXPECT_EQ(cell(text), "null");
}

TEST_F(JsonRowsTest, dates_and_times_are_iso_text_with_a_fraction_only_where_there_is_one) {
  EXPECT_EQ(cell("DATE '2018-07-12'"), "\"2018-07-12\"");
  EXPECT_EQ(cell("DATE '0001-01-01'"), "\"0001-01-01\"");
  EXPECT_EQ(cell("DATE '1969-12-31'"), "\"1969-12-31\"");
  EXPECT_EQ(cell("TIMESTAMP '2018-07-12 17:33:04'"), "\"2018-07-12T17:33:04\"");
  EXPECT_EQ(cell("TIMESTAMP '2018-07-12 17:33:04.123'"), "\"2018-07-12T17:33:04.123\"");
  EXPECT_EQ(cell("TIMESTAMP '1969-12-31 23:59:59.000001'"), "\"1969-12-31T23:59:59.000001\"");
  EXPECT_EQ(cell("TIMESTAMP '9999-12-31 23:59:59.999999'"), "\"9999-12-31T23:59:59.999999\"");
  EXPECT_EQ(cell("'2018-07-12 17:33:04.5+00'::TIMESTAMPTZ"), "\"2018-07-12T17:33:04.5Z\"");
}

TEST_F(JsonRowsTest, dates_beyond_four_digits_and_infinities_stay_readable_text) {
  EXPECT_EQ(cell("DATE '12345-01-02'"), "\"+12345-01-02\"");
  EXPECT_EQ(cell("TIMESTAMP '12345-01-02 03:04:05'"), "\"+12345-01-02T03:04:05\"");
  EXPECT_EQ(cell("'infinity'::DATE"), "\"infinity\"");
  EXPECT_EQ(cell("'-infinity'::TIMESTAMP"), "\"-infinity\"");
  EXPECT_EQ(cell("'infinity'::TIMESTAMPTZ"), "\"infinity\"");
}

TEST_F(JsonRowsTest, text_is_escaped_and_unicode_goes_out_as_it_is) {
  EXPECT_EQ(cell("''"), "\"\"");
  EXPECT_EQ(cell("'short'"), "\"short\"");
  EXPECT_EQ(cell("'a text that is longer than one cell'"), "\"a text that is longer than one cell\"");
  EXPECT_EQ(cell("'say \"hi\" \\ and go'"), R"("say \"hi\" \\ and go")");
  EXPECT_EQ(cell("'tab' || chr(9) || 'line' || chr(10) || 'unit' || chr(31) || '.'"), R"("tab\tline\nunit\u001f.")");
  EXPECT_EQ(cell("'Käse 漢字 🧀'"), "\"Käse 漢字 🧀\"");
  EXPECT_EQ(cell("repeat('x', 100000)"), "\"" + std::string(100'000, 'x') + "\"");
}

TEST_F(JsonRowsTest, booleans_blobs_and_null_of_every_type) {
  EXPECT_EQ(cell("true"), "true");
  EXPECT_EQ(cell("false"), "false");
  EXPECT_EQ(cell("''::BLOB"), "\"\"");
  EXPECT_EQ(cell("'f'::BLOB"), "\"Zg==\"");
  EXPECT_EQ(cell("'fo'::BLOB"), "\"Zm8=\"");
  EXPECT_EQ(cell("'foo'::BLOB"), "\"Zm9v\"");
  EXPECT_EQ(cell("'\\xFF\\x00\\xFE\\x3F'::BLOB"), "\"/wD+Pw==\"");
  for (const char* type : {"BOOLEAN", "TINYINT", "BIGINT", "UBIGINT", "HUGEINT", "FLOAT", "DOUBLE", "DECIMAL(4,2)",
                           "DECIMAL(38,2)", "DATE", "TIMESTAMP", "TIMESTAMPTZ", "VARCHAR", "BLOB"})
    EXPECT_EQ(cell("NULL::"s + type), "null") << type;
}

TEST_F(JsonRowsTest, rows_are_objects_with_escaped_names_and_commas_between) {
  EXPECT_EQ(json_of("SELECT 1 AS a, NULL::VARCHAR AS \"say \"\"b\"\"\" UNION ALL SELECT 2, 'x' ORDER BY a"),
            R"({"a":1,"say \"b\"":null},{"a":2,"say \"b\"":"x"})");
}

TEST_F(JsonRowsTest, a_whole_batch_with_nulls_equals_what_the_engine_writes_itself) {
  const std::string source =
      "SELECT i, CASE WHEN i % 3 = 0 THEN NULL ELSE 'v' || i END AS t, i * 1.5::DOUBLE AS d FROM range(2048) r(i)";
  const auto theirs =
      session->query({"t", "SELECT string_agg(to_json(s)::VARCHAR, ',' ORDER BY i) FROM (" + source + ") s"});
  if (!theirs) GTEST_SKIP() << "needs the json extension in the engine: " << theirs.error().message;

  std::string expected = warehouse::to_text(theirs->rows[0][0]);
  for (std::size_t at = 0; (at = expected.find(".0}", at)) != std::string::npos;) expected.erase(at, 2);
  EXPECT_EQ(json_of(source + " ORDER BY i"), expected);
}

/// The fast path and the module for everybody else must never differ.
TEST(JsonCell, random_texts_are_written_as_base_json_writes_them) {
  Random random(7);
  const std::string alphabet = "abcdefgh\"\\\n\t\x1f\x7f "s + "\xc3\xa4\xff"s + std::string(1, '\0');
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (auto n = random.below(40); n > 0; --n)
      text += random.chance(0.9) ? 'p' : alphabet[random.below(alphabet.size())];
    const StringCell value = StringCell::of(text);
    std::string got, expected;
    JsonCursor cursor(got);
    put_cell(cursor, {{TypeKind::text}, &value, nullptr}, 0);
    cursor.flush();
    json::append_string(expected, text);
    ASSERT_EQ(got, expected);
  }
}

TEST(JsonCell, pieces_around_the_block_size_are_neither_lost_nor_doubled) {
  for (const std::size_t size : {8189U, 8190U, 8191U, 8192U, 8193U, 16383U, 16384U, 16385U}) {
    const std::string text(size, 'y');
    const StringCell value = StringCell::of(text);
    std::string got;
    JsonCursor cursor(got);
    for (int i = 0; i < 3; ++i) put_cell(cursor, {{TypeKind::text}, &value, nullptr}, 0);
    cursor.flush();
    EXPECT_EQ(got, "\"" + text + "\"\"" + text + "\"\"" + text + "\"") << size;
  }
}

}  // namespace
}  // namespace millrace::serve
