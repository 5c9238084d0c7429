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
  std::string reject_of(std::string_view head) {
    const auto got = read_header(head, true, contract, Dialect{});
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
