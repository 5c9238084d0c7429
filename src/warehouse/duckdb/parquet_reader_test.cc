#include "warehouse/duckdb/parquet_reader.h"

#include <gtest/gtest.h>

#include "testing/temp_folder.h"
#include "warehouse/duckdb/database.h"

namespace millrace::warehouse::duckdb {
namespace {

struct ParquetReaderTest : ::testing::Test {
  std::string make(const std::string& query, const std::string& name = "a.parquet") {
    const auto database = *open({":memory:", 1});
    const auto session = *database->connect();
    const std::string path = (folder.path() / name).string();
    const auto made = session->query({"make", "COPY (" + query + ") TO '" + path + "' (FORMAT parquet)"});
    EXPECT_TRUE(made) << made.error().message;
    return path;
  }
  /// "name:kind …" and a line for each row, or the error.
  std::string read(const std::string& path) {
    std::string out;
    const Status done = read_parquet(path, 256 << 20,
                                     {[&](std::span<const ParquetColumn> columns) {
                                        for (const auto& c : columns)
                                          out += c.name + ":" + "xn@"[static_cast<std::size_t>(c.kind)] + " ";
                                        return ok();
                                      },
                                      [&](std::span<const ColumnView> columns, std::size_t rows) {
                                        for (std::size_t r = 0; r < rows; ++r) {
                                          out += "\n";
                                          for (const auto& c : columns)
                                            out += (c.is_null(r) ? "-" : std::string(c.at<StringCell>(r).view())) + "|";
                                        }
                                        count += rows;
                                        return ok();
                                      }});
    return done ? out : "error: " + done.error().message;
  }
  testing::TempFolder folder;
  std::size_t count = 0;
};

TEST_F(ParquetReaderTest, every_value_is_text_and_times_are_iso) {
  const std::string path = make(
      "SELECT 1 AS i, 12.50::DECIMAL(9,2) AS d, true AS b, DATE '2018-07-12' AS day, TIMESTAMP '2018-07-12 01:02:03.5' "
      "AS t, TIMESTAMPTZ '2018-07-12 01:02:03+02' AS z, 'x\"y' AS s, encode('caf\xc3\xa9') AS raw, [1,2] AS l, "
      "{'a': NULL} AS o UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, NULL, '', NULL, NULL, NULL");

  EXPECT_EQ(
      read(path),
      "i:n d:n b:n day:@ t:@ z:@ s:x raw:x l:x o:x \n"
      "1|12.50|true|2018-07-12|2018-07-12 01:02:03.5|2018-07-11 23:02:03+00|x\"y|caf\xc3\xa9|[1,2]|{\"a\":null}|\n"
      "-|-|-|-|-|-||-|-|-|");
}

TEST_F(ParquetReaderTest, many_rows_come_in_the_order_of_the_file) {
  const std::string text = read(make("SELECT i FROM range(300000) t(i)"));

  EXPECT_EQ(count, 300'000U);
  EXPECT_NE(text.find("\n123455|\n123456|\n123457|"), std::string::npos);
}

TEST_F(ParquetReaderTest, a_damaged_file_is_an_error_and_not_fewer_rows) {
  const std::string path = make("SELECT i, 'some text ' || (i * 7919 % 1000) AS t FROM range(300000) t(i)");
  const std::string bytes = folder.read("a.parquet");
  std::size_t refused = 0;
  for (const std::size_t at : {bytes.size() / 3, bytes.size() / 2, bytes.size() - 40, bytes.size() - 6}) {
    std::string bad = bytes;
    for (std::size_t i = 0; i < 4; ++i) bad[at + i] = static_cast<char>(~bad[at + i]);
    count = 0;
    const std::string got = read(folder.write("bad.parquet", bad).string());
    refused += got.starts_with("error: ") ? 1 : 0;
    EXPECT_TRUE(got.starts_with("error: ") || count == 300'000) << at;
  }
  EXPECT_GE(refused, 2U);
  EXPECT_TRUE(read(folder.write("cut.parquet", bytes.substr(0, bytes.size() / 2)).string()).starts_with("error: "));
}

TEST_F(ParquetReaderTest, a_file_that_is_none_says_what_it_lacks) {
  EXPECT_TRUE(read(folder.write("a.csv", "PAR1,b\n1,2\n").string()).starts_with("error: "));
  EXPECT_TRUE(read((folder.path() / "nowhere").string()).starts_with("error: "));
}

}  // namespace
}  // namespace millrace::warehouse::duckdb
