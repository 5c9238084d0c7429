#include "net/http.h"

#include <gtest/gtest.h>

namespace millrace::net {
namespace {

TEST(HttpHeadersTest, are_found_whatever_the_case_of_their_names) {
  const HttpResponse answer{200, {{"ETag", "\"a\""}, {"x-amz-meta-A", "1"}, {"etag", "\"b\""}}, ""};

  ASSERT_NE(answer.find("etag"), nullptr);
  EXPECT_EQ(*answer.find("ETAG"), "\"a\"");
  EXPECT_EQ(*answer.find("X-Amz-Meta-a"), "1");
  EXPECT_EQ(answer.find("x-amz-meta"), nullptr);
}

TEST(HttpHeadersTest, a_set_header_is_there_once) {
  Headers headers{{"Range", "bytes=0-1"}, {"If-Match", "x"}, {"RANGE", "bytes=2-3"}};

  set_header(headers, "range", "bytes=4-5");

  ASSERT_EQ(headers.size(), 2U);
  EXPECT_EQ(*find_header(headers, "Range"), "bytes=4-5");
  remove_header(headers, "rAnge");
  EXPECT_EQ(find_header(headers, "Range"), nullptr);
}

TEST(HttpResponseTest, only_the_two_hundreds_are_ok) {
  EXPECT_TRUE((HttpResponse{206, {}, ""}.ok()));
  EXPECT_FALSE((HttpResponse{199, {}, ""}.ok()));
  EXPECT_FALSE((HttpResponse{304, {}, ""}.ok()));
  EXPECT_FALSE((HttpResponse{503, {}, ""}.ok()));
}

}  // namespace
}  // namespace millrace::net
