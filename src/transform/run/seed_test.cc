#include <gtest/gtest.h>

#include <fstream>

#include "testing/temp_folder.h"
#include "transform/run/node_for_tests.h"
#include "transform/run/seed_build.h"
#include "transform/run/seed_file.h"
#include "transform/run/seed_types.h"
#include "transform/run/seed_values.h"

namespace millrace::transform {
namespace {

/// "a,b|1,NULL": header, then rows.
std::string parsed(std::string_view text, char delimiter = ',') {
  const auto rows = parse_seed(text, "seeds/s.csv", delimiter);
  if (!rows) return rows.error().message;
  std::string out;
  for (std::size_t c = 0; c < rows->width(); ++c) out += (c > 0 ? "," : "") + rows->name(c);
  for (std::size_t r = 0; r < rows->rows(); ++r) {
    out += "|";
    for (std::size_t c = 0; c < rows->width(); ++c) {
      const auto cell = rows->cell(r, c);
      out += (c > 0 ? "," : "") + (cell ? std::string(*cell) : "NULL");
    }
  }
  return out;
}

SeedType type_of(const std::vector<std::string>& values, bool strict = false) {
  TextRows rows({"x"});
  for (const std::string& v : values) rows.add(v);
  return settle_seed_column(rows, 0, false, strict);
}

TEST(SeedFile, a_byte_order_mark_crlf_and_quoted_line_ends_are_read) {
  EXPECT_EQ(parsed("\xef\xbb\xbf"
                   "id,name\r\n1,\"two\r\nlines\"\r\n2,\"a \"\"quote\"\"\"\r\n"),
            "id,name|1,two\r\nlines|2,a \"quote\"");
}

TEST(SeedFile, a_short_row_is_padded_and_a_long_one_is_an_error_at_its_line) {
  EXPECT_EQ(parsed("a,b,c\n1\n1,2,3\n"), "a,b,c|1,NULL,NULL|1,2,3");
  EXPECT_EQ(parsed("a,b\n1,2\n1,2,3\n"),
            "seeds/s.csv:3: found 3 values, expected at most 2: the header has no more columns");
}

TEST(SeedFile, a_short_row_is_an_error_where_dbt_is_wanted_exactly) {
  EXPECT_EQ(parse_seed("a,b\n1\n", "seeds/s.csv", ',', true).error().message,
            "seeds/s.csv:2: found 1 value, expected 2");
}

TEST(SeedFile, blank_lines_are_no_rows_but_of_one_column_they_are_nulls) {
  EXPECT_EQ(parsed("a,b\n\n1,2\n\n"), "a,b|1,2");
  EXPECT_EQ(parsed("a\n1\n\n2\n"), "a|1|NULL|2");
}

TEST(SeedFile, names_that_are_missing_or_there_twice_become_unique) {
  EXPECT_EQ(parsed("id,,id\n1,2,3\n"), "id,b,id_2|1,2,3");
}

TEST(SeedFile, another_delimiter_is_a_matter_of_configuration) { EXPECT_EQ(parsed("a;b\n1,5;2\n", ';'), "a,b|1,5,2"); }

TEST(SeedFile, a_header_alone_gives_no_rows_and_an_empty_file_is_an_error) {
  EXPECT_EQ(parsed("a,b"), "a,b");
  EXPECT_EQ(parsed(""), "seeds/s.csv:1: found no header, expected the names of the columns in the first line");
}

TEST(SeedFile, a_quote_that_does_not_end_and_bytes_of_another_encoding_are_errors_at_their_line) {
  EXPECT_NE(parsed("a,b\n1,\"x\n").find("seeds/s.csv:2: a quoted value does not end"), std::string::npos);
  EXPECT_NE(parsed("a\nok\nM\xfcller\n").find("seeds/s.csv:3: found a byte that is not UTF-8"), std::string::npos);
}

TEST(SeedTypes, the_first_type_that_all_values_fit_is_taken) {
  EXPECT_EQ(type_of({"1", "", "null", "-7"}), SeedType::integer);
  EXPECT_EQ(type_of({"1.0", "2"}), SeedType::integer);
  EXPECT_EQ(type_of({"1.5", "2"}), SeedType::real);
  EXPECT_EQ(type_of({"2018-01-31", "2018-2-1"}), SeedType::date);
  EXPECT_EQ(type_of({"2018-02-30"}), SeedType::text);
  EXPECT_EQ(type_of({"2018-01-31 10:00:00"}), SeedType::timestamp);
  EXPECT_EQ(type_of({"2018-01-31T10:00:00Z", "2018-01-31T10:00:00.25+02:00"}), SeedType::timestamp);
  EXPECT_EQ(type_of({"TRUE", "false"}), SeedType::boolean);
  EXPECT_EQ(type_of({"yes", "no"}), SeedType::text);
  EXPECT_EQ(type_of({"1", "x"}), SeedType::text);
}

TEST(SeedTypes, timestamps_written_in_two_ways_stay_text) {
  EXPECT_EQ(type_of({"2018-01-31 10:00:00", "2018-01-31T10:00:00"}), SeedType::text);
}

TEST(SeedTypes, a_column_without_values_is_an_integer) { EXPECT_EQ(type_of({"", "NULL", "  "}), SeedType::integer); }

TEST(SeedTypes, wide_integers_get_wide_types_but_not_when_dbt_is_wanted_exactly) {
  EXPECT_EQ(type_of({"2147483647", "-2147483648"}), SeedType::integer);
  EXPECT_EQ(type_of({"2147483648"}), SeedType::bigint);
  EXPECT_EQ(type_of({"9223372036854775808"}), SeedType::huge);
  EXPECT_EQ(type_of({std::string(40, '9')}), SeedType::real);
  EXPECT_EQ(type_of({"2147483648"}, true), SeedType::integer);
}

TEST(SeedValues, numbers_lose_signs_of_money_groups_exponents_and_needless_zeros) {
  EXPECT_EQ(seed_number("$1,200.50")->text, "1200.5");
  EXPECT_EQ(seed_number("-€3")->text, "-3");
  EXPECT_EQ(seed_number("7%")->text, "7");
  EXPECT_EQ(seed_number("007")->text, "7");
  EXPECT_EQ(seed_number("1.25e1")->text, "12.5");
  EXPECT_EQ(seed_number("12e-3")->text, "0.012");
  EXPECT_FALSE(seed_number("12a"));
  EXPECT_FALSE(seed_number("."));
  EXPECT_FALSE(seed_number("1 2"));
  EXPECT_FALSE(seed_number("-"));
}

struct SeedBuildTest : ::testing::Test {
  Result<Built> build(const std::string& text, bool full_refresh = false, bool strict = false) {
    std::ofstream(folder.path() / "s.csv") << text;
    seed.absolute_path = (folder.path() / "s.csv").string();
    auto on = engine.on(seed);
    return build_seed(on, full_refresh, strict);
  }
  static Node made() {
    Node node = model_for_tests("s", "seed", "");
    node.type = ResourceType::seed;
    node.original_path = "seeds/s.csv";
    return node;
  }
  testing::TempFolder folder;
  EngineForTests engine;
  Node seed = made();
};

TEST_F(SeedBuildTest, values_arrive_with_their_types) {
  const auto built = build("id,price,day,at,ok,note\n1,1.5,2018-01-31,2018-01-31T10:00Z,true,x\n2147483648,,,,,null\n");

  ASSERT_TRUE(built) << built.error().message;
  EXPECT_EQ(built->message, "INSERT 2");
  EXPECT_EQ(engine.rows("SELECT column_type FROM (DESCRIBE main.s)"),
            "BIGINT, DOUBLE, DATE, TIMESTAMP, BOOLEAN, VARCHAR");
  EXPECT_EQ(
      engine.rows("SELECT id, price, CAST(day AS VARCHAR), CAST(\"at\" AS VARCHAR), ok, note FROM main.s ORDER BY id"),
      "1|1.5|2018-01-31|2018-01-31 10:00:00|true|x, 2147483648|NULL|NULL|NULL|NULL|NULL");
}

TEST_F(SeedBuildTest, seeding_again_replaces_the_rows_and_a_full_refresh_the_columns) {
  ASSERT_TRUE(build("id\n1\n2\n"));
  ASSERT_TRUE(build("id\n3\n"));
  EXPECT_EQ(engine.rows("SELECT * FROM main.s"), "3");

  const auto changed = build("id,name\n3,x\n");
  ASSERT_FALSE(changed);
  EXPECT_EQ(changed.error().hint, "where the file's columns have changed, build the seed with --full-refresh");

  const auto anew = build("id,name\n3,x\n", true);
  ASSERT_TRUE(anew);
  EXPECT_EQ(anew->message, "CREATE 1");
  EXPECT_EQ(engine.rows("SELECT * FROM main.s"), "3|x");
}

TEST_F(SeedBuildTest, declared_types_keep_leading_zeros) {
  jinja::Dict types;
  types.set("zip", "varchar(5)");
  seed.config.set("column_types", jinja::Value::dict(std::move(types)));

  ASSERT_TRUE(build("zip,n\n01234,01\n"));

  EXPECT_EQ(engine.rows("SELECT * FROM main.s"), "01234|1");
}

TEST_F(SeedBuildTest, without_our_bigint_the_engine_refuses_as_it_does_under_dbt) {
  const auto built = build("id\n2147483648\n", false, true);
  ASSERT_FALSE(built);
  EXPECT_EQ(built.error().kind, ErrorKind::invalid_input);
}

TEST_F(SeedBuildTest, a_file_with_a_header_alone_makes_an_empty_table) {
  ASSERT_TRUE(build("id,name\n"));
  EXPECT_EQ(engine.rows("SELECT count(*) FROM main.s"), "0");
}

TEST_F(SeedBuildTest, quote_columns_that_is_no_boolean_is_an_error) {
  seed.config.set("quote_columns", "maybe");
  EXPECT_EQ(build("id\n1\n").error().message, "seeds/s.csv: quote_columns: found str, expected true or false");
}

TEST_F(SeedBuildTest, a_view_is_not_overwritten_by_a_seed) {
  engine.rows("CREATE VIEW main.s AS SELECT 1 AS id");
  ASSERT_TRUE(engine.catalogue.load());
  EXPECT_EQ(build("id\n1\n").error().message, "seeds/s.csv: main.s is a view, expected a table or nothing");
  EXPECT_TRUE(build("id\n1\n", true));
}

TEST_F(SeedBuildTest, rows_beyond_one_batch_arrive_in_order) {
  std::string text = "n\n";
  for (int i = 0; i < 5000; ++i) text += std::to_string(i) + "\n";
  ASSERT_TRUE(build(text));
  EXPECT_EQ(engine.rows("SELECT count(*), sum(n), max(n), count(*) FILTER (n <> rowid) FROM main.s"),
            "5000|12497500|4999|0");
}

}  // namespace
}  // namespace millrace::transform
