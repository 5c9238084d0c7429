#include "serve/target.h"

#include <gtest/gtest.h>

#include "serve/etag.h"
#include "serve/listen_address.h"
#include "serve/response_head.h"

namespace millrace::serve {
namespace {

std::string read(std::string_view query) {
  const auto got = read_page_range(query);
  if (const auto* problem = std::get_if<Problem>(&got)) return problem->code + ": " + problem->detail;
  const auto& range = std::get<PageRange>(got);
  return std::to_string(range.limit) + " from " + std::to_string(range.offset);
}

TEST(Target, decoding_is_strict) {
  EXPECT_EQ(percent_decoded("a%20b%2Fc", false), "a b/c");
  EXPECT_EQ(percent_decoded("a+b", false), "a+b");
  EXPECT_EQ(percent_decoded("a+b", true), "a b");
  EXPECT_EQ(percent_decoded("%C3%A4", false), "ä");
  for (const char* bad : {"%", "%2", "%zz", "a%2", "%-1", "%ff", "%C3", "%C0%AF"})
    EXPECT_EQ(percent_decoded(bad, false), std::nullopt) << bad;
}

TEST(Target, a_page_has_defaults_and_bounds) {
  EXPECT_EQ(read(""), "100 from 0");
  EXPECT_EQ(read("limit=5"), "5 from 0");
  EXPECT_EQ(read("offset=7&limit=0"), "0 from 7");
  EXPECT_EQ(read("limit=10000&offset=9223372036854775807"), "10000 from 9223372036854775807");
  EXPECT_EQ(read("&&limit=%31&"), "1 from 0");
}

TEST(Target, what_is_no_count_is_refused_by_name) {
  EXPECT_EQ(read("limit=10001"), "bad_parameter: limit: found \"10001\", expected a whole number from 0 to 10000");
  EXPECT_EQ(read("offset=-1"), "bad_parameter: offset: found \"-1\", expected a whole number of 0 or more");
  for (const char* bad : {"limit=", "limit", "limit=1.0", "limit=+1", "limit=0x1", "limit=1e2", "limit=%201",
                          "offset=9223372036854775808", "limit=99999999999999999999", "limit=٣"})
    EXPECT_EQ(read(bad).substr(0, 14), "bad_parameter:") << bad;
}

TEST(Target, unknown_doubled_and_garbled_parameters_are_refused) {
  EXPECT_EQ(read("limt=5"),
            "unknown_parameter: unknown parameter \"limt\", did you mean \"limit\"?; known are limit and offset");
  EXPECT_EQ(read("page=2"), "unknown_parameter: unknown parameter \"page\"; known are limit and offset");
  EXPECT_EQ(read("limit=1&limit=1"), "duplicate_parameter: limit is given twice, expected once");
  EXPECT_EQ(read("limit=%zz"),
            "bad_encoding: the query is not percent-encoded UTF-8: expected % and two hexadecimal digits");
  EXPECT_FALSE(refuse_parameters("").has_value());
  EXPECT_EQ(refuse_parameters("x=1")->detail, "unknown parameter \"x\"; this path takes none");
}

TEST(Etag, names_generation_publication_and_target) {
  const Published one{7, WallTime{std::chrono::microseconds{1}}, {}},
      other{7, WallTime{std::chrono::microseconds{2}}, {}};
  const std::string tag = etag_of(one, "/orders/");

  EXPECT_EQ(tag.substr(0, 4), "\"g7-");
  EXPECT_EQ(tag.size(), 4U + 16 + 1);
  EXPECT_NE(tag, etag_of(one, "/orders/?limit=1"));
  EXPECT_NE(tag, etag_of(other, "/orders/"));
  EXPECT_TRUE(names_etag(tag, tag));
  EXPECT_TRUE(names_etag("\"a\", W/" + tag + " , \"b\"", tag));
  EXPECT_FALSE(names_etag("\"a\"", tag));
  EXPECT_FALSE(names_etag("", tag));
}

TEST(ListenAddress, is_an_address_and_a_port) {
  EXPECT_EQ(parse_listen_address("127.0.0.1:8080")->text(), "127.0.0.1:8080");
  EXPECT_EQ(parse_listen_address("localhost:0")->text(), "127.0.0.1:0");
  EXPECT_EQ(parse_listen_address("[::1]:65535")->text(), "[::1]:65535");
  for (const char* bad :
       {"", ":", "8080", ":8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:+1", "127.0.0.1:080800",
        "127.1:80", "::1:80", "[::1]", "[127.0.0.1]:80", "example.org:80", " 127.0.0.1:80", "127.0.0.1:80 "})
    EXPECT_FALSE(parse_listen_address(bad)) << bad;
  EXPECT_EQ(parse_listen_address("orders:80").error().message,
            "listen: found \"orders:80\", expected an address and a port");
}

TEST(ResponseHead, stands_byte_for_byte) {
  std::string out;
  append_head(out, {404, kProblemJson, "X-Millrace-Generation: 7\r\n", "{}"}, "D", After::close);
  EXPECT_EQ(out,
            "HTTP/1.1 404 Not Found\r\nDate: D\r\nContent-Type: application/problem+json\r\nContent-Length: 2\r\n"
            "Cache-Control: no-cache\r\nX-Content-Type-Options: nosniff\r\nX-Millrace-Generation: 7\r\n"
            "Connection: close\r\n\r\n");
  EXPECT_EQ(http_date(WallTime{std::chrono::seconds{784111777}}), "Sun, 06 Nov 1994 08:49:37 GMT");
}

}  // namespace
}  // namespace millrace::serve
