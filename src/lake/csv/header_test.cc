#include "lake/csv/header.h"

#include <gtest/gtest.h>

namespace millrace::lake::csv {
namespace {

using namespace std::string_literals;

struct HeaderTest : ::testing::Test {
  HeaderTest() {
    for (const char* name : {"order_id", "website", "order_date"}) {
      ColumnContract c;
      c.name = name;
      contract.columns.push_back(c);
    }
  }
  std::string reject_of(std::string_view head, bool whole_file = true, const Dialect& dialect = {}) {
    const auto got = read_header(head, whole_file, contract, dialect);
    const auto* reject = std::get_if<FileReject>(&got);
    return reject == nullptr ? "accepted" : std::string(name_of(reject->code)) + ": " + reject->reason;
  }
  Contract contract;
};

TEST_F(HeaderTest, finds_columns_by_name_in_any_order_and_case) {
  const auto got = read_header("\xef\xbb\xbf\"Order_Date\", website ,ORDER_ID\r\n1,2,3\n", true, contract, Dialect{});

  const auto& header = std::get<Header>(got);
  EXPECT_EQ(header.field_of_column, (std::vector<std::size_t>{2, 1, 0}));
  EXPECT_EQ(header.bytes, 36U);
  EXPECT_EQ(header.lines, 1);
}

TEST_F(HeaderTest, an_empty_file_has_no_header_and_is_no_mistake) {
  EXPECT_TRUE(std::holds_alternative<std::monostate>(read_header("", true, contract, Dialect{})));
  EXPECT_TRUE(std::holds_alternative<std::monostate>(read_header("\n\r\n", true, contract, Dialect{})));
}

TEST_F(HeaderTest, a_wrong_header_says_what_is_missing_doubled_or_new) {
  EXPECT_EQ(reject_of("order_id,website\n"), "missing_column: the header has no column \"order_date\"");
  EXPECT_EQ(reject_of("order_id,website,orderdate\n"),
            "missing_column: the header has no column \"order_date\", but \"orderdate\": renamed?");
  EXPECT_EQ(reject_of("order_id,website,order_date,coupon\n"),
            "extra_column: the header has column \"coupon\", which the contract does not know");
  EXPECT_EQ(reject_of("order_id,website,order_date,website\n"),
            "duplicate_column: the header names column \"website\" twice");
  EXPECT_EQ(reject_of("20771583,VVNL,2018-07-12\n"),
            "bad_header: the first line \"20771583,VVNL,2018-07-12\" names no column of the contract, expected "
            "order_id,website,order_date");
  EXPECT_EQ(reject_of("order_id;website;order_date\n"), "wrong_delimiter: found the delimiter ;, expected ,");
}

TEST_F(HeaderTest, lines_above_the_header_are_passed_over_whatever_their_line_ends) {
  Dialect dialect;
  dialect.skip_lines = 2;
  for (const std::string end : {"\n", "\r\n", "\r"}) {
    const std::string above = "Orders" + end + end, line = "order_id,website,order_date" + end;
    const auto got = read_header(above + line + "1,2,3" + end, true, contract, dialect);

    const auto* header = std::get_if<Header>(&got);
    ASSERT_NE(header, nullptr);
    EXPECT_EQ(header->bytes, above.size() + line.size());
    EXPECT_EQ(header->lines, 3);
  }
  EXPECT_EQ(reject_of("Orders\rorder_id,website,order_date\r1,2,3\r"),
            "bad_header: the first line is \"Orders\", the header stands 1 line below; set csv.skip_lines: 1");
}

TEST_F(HeaderTest, a_file_that_ends_above_its_header_is_refused_and_not_taken_for_empty) {
  Dialect dialect;
  dialect.skip_lines = 2;
  for (const char* text : {"Orders\nof May\n", "Orders\nof May", "Orders\n"})
    EXPECT_EQ(reject_of(text, true, dialect),
              "bad_header: csv.skip_lines passes over 2 lines, and the file has none behind them");
  EXPECT_TRUE(std::holds_alternative<std::monostate>(read_header("\n\n\n", true, contract, dialect)));
}

TEST_F(HeaderTest, a_header_that_the_head_does_not_hold_is_refused_and_says_so) {
  Dialect dialect;
  dialect.skip_lines = 2;
  EXPECT_EQ(reject_of("\n\n\r\n\n", false),
            "bad_header: the first 5 bytes hold blank lines and comments only, expected a header line");
  EXPECT_EQ(reject_of("order_id,webs", false),
            "not_csv: the first line does not end within the first 13 bytes, expected a header line");
  EXPECT_EQ(reject_of("Orders\n", false, dialect),
            "bad_header: csv.skip_lines passes over 2 lines, and the first 7 bytes hold no header behind them");
}

TEST_F(HeaderTest, what_is_not_csv_is_named) {
  EXPECT_EQ(reject_of("\x1f\x8b\x08\x00"s), "unsupported_compression: found gzip, expected CSV in UTF-8");
  EXPECT_EQ(reject_of("PAR1xxxx"), "not_csv: found Parquet, expected CSV in UTF-8");
  EXPECT_EQ(reject_of("o\0r\0d\0"s),
            "wrong_encoding: every second byte is NUL: found what looks like UTF-16 without its mark, expected UTF-8");
  EXPECT_EQ(reject_of("<!DOCTYPE html><html>"),
            "not_csv: found an HTML page, expected CSV; perhaps the error page of a failed download");
  EXPECT_EQ(reject_of("{\"a\": 1}"), "not_csv: found JSON, expected CSV");
}

}  // namespace
}  // namespace millrace::lake::csv
