#include "serve/conversation.h"

#include <gtest/gtest.h>

#include <cstring>

namespace millrace::serve {
namespace {

using namespace std::string_literals;

/// Says back what was asked: "[GET /x]".
struct Echo final : Answers {
  Response answer(const Request& r) override {
    ++asked;
    condition = r.if_none_match;
    return {200, kJson, {}, "[" + std::string(r.method) + " " + std::string(r.target) + "]"};
  }
  std::string_view date() override { return "D"; }
  bool closing() const override { return draining; }
  int asked = 0;
  bool draining = false;
  std::string condition;
};

struct ConversationTest : ::testing::Test {
  void send(Conversation& c, std::string_view bytes) {
    while (!bytes.empty()) {
      const auto room = c.room();
      const std::size_t n = std::min(room.size(), bytes.size());
      std::memcpy(room.data(), bytes.data(), n);
      c.received(n);
      bytes.remove_prefix(n);
    }
  }
  /// "200 [GET /x]" for each reply, and "close" at the end where it closes.
  std::string exchange(std::string_view bytes) {
    Conversation c;
    send(c, bytes);
    std::string out;
    while (c.step(echo)) {
      out += c.head().substr(9, 3) + " " + std::string(c.body().substr(0, 1) == "[" ? c.body() : "") + " ";
      if (c.closes()) return out + "close";
    }
    return out;
  }
  std::string status(std::string_view bytes) {
    const std::string got = exchange(bytes);
    return got.substr(0, 3) + (got.ends_with("close") ? " close" : "");
  }
  Echo echo;
};

constexpr std::string_view kHost = "Host: h\r\n\r\n";
std::string get(std::string_view fields) { return "GET / HTTP/1.1\r\nHost: h\r\n" + std::string(fields) + "\r\n"; }

TEST_F(ConversationTest, requests_of_one_packet_are_answered_in_order) {
  std::string many;
  for (const char* path : {"/a", "/b", "/c"}) many += "GET " + std::string(path) + " HTTP/1.1\r\n" + std::string(kHost);

  EXPECT_EQ(exchange(many), "200 [GET /a] 200 [GET /b] 200 [GET /c] ");
  EXPECT_EQ(exchange(many + "GET /d HT"), "200 [GET /a] 200 [GET /b] 200 [GET /c] ");
}

TEST_F(ConversationTest, a_head_may_arrive_byte_by_byte) {
  Conversation c;
  const std::string bytes = get("If-None-Match: \"x\"\r\n");
  for (std::size_t i = 0; i + 1 < bytes.size(); ++i) {
    send(c, bytes.substr(i, 1));
    ASSERT_FALSE(c.step(echo)) << i;
  }
  EXPECT_FALSE(c.idle());
  send(c, bytes.substr(bytes.size() - 1));

  EXPECT_TRUE(c.step(echo));
  EXPECT_EQ(echo.condition, "\"x\"");
  EXPECT_TRUE(c.idle());
  EXPECT_FALSE(c.leaves_input());
}

TEST_F(ConversationTest, connections_stay_or_close_as_version_and_field_say) {
  EXPECT_EQ(status(get("")), "200");
  EXPECT_EQ(status(get("Connection: close\r\n")), "200 close");
  EXPECT_EQ(status(get("Connection: Keep-Alive, Close\r\n")), "200 close");
  EXPECT_EQ(status("GET / HTTP/1.0\r\n\r\n"), "200 close");
  Conversation c;
  send(c, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  ASSERT_TRUE(c.step(echo));
  EXPECT_FALSE(c.closes());
  EXPECT_NE(c.head().find("Connection: keep-alive\r\n"), std::string::npos);
  echo.draining = true;
  EXPECT_EQ(status(get("")), "200 close");
}

TEST_F(ConversationTest, head_has_the_length_and_not_the_content) {
  Conversation c;
  send(c, "HEAD /a HTTP/1.1\r\n" + std::string(kHost));

  ASSERT_TRUE(c.step(echo));
  EXPECT_EQ(c.body(), "");
  EXPECT_NE(c.head().find("Content-Length: 9\r\n"), std::string::npos);
}

TEST_F(ConversationTest, an_absolute_target_is_read_as_its_path_if_the_hosts_agree) {
  EXPECT_EQ(exchange("GET http://H/a?b HTTP/1.1\r\n" + std::string(kHost)), "200 [GET /a?b] ");
  EXPECT_EQ(exchange("GET http://h HTTP/1.1\r\n" + std::string(kHost)), "200 [GET /] ");
  EXPECT_EQ(status("GET http://other/ HTTP/1.1\r\n" + std::string(kHost)), "400 close");
}

/// Each of these has meant one request to one program and two to another. Behind each stands a
/// second request, which must never be answered.
TEST_F(ConversationTest, doubtful_framing_is_refused_and_ends_the_connection) {
  const std::string cases[] = {
      get("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"),
      get("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"),
      get("Content-Length: 5\r\nContent-Length: 6\r\n"),
      get("Content-Length: 0\r\nContent-Length: 0\r\n"),
      get("Content-Length: 0, 0\r\nContent-Length: 0\r\n"),
      get("Content-Length: 5, 6\r\n"),
      get("Content-Length: +5\r\n"),
      get("Content-Length: -1\r\n"),
      get("Content-Length: 0x5\r\n"),
      get("Content-Length: 5 5\r\n"),
      get("Content-Length:\r\n"),
      get("Content-Length: 18446744073709551616\r\n"),
      get("Content-Length: 5\r\n"),
      get("Transfer-Encoding: chunked\r\n"),
      get("Transfer-Encoding: chunked, gzip\r\n"),
      get("Transfer-Encoding: gzip, chunked\r\n"),
      get("Transfer-Encoding: gzip\r\n"),
      get("Transfer-Encoding: identity\r\n"),
      get("Transfer-Encoding: xchunked\r\n"),
      get("Transfer-Encoding: \"chunked\"\r\n"),
      get("Transfer-Encoding:\r\n"),
      get("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
      get("Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n"),
      get("Transfer-Encoding : chunked\r\n"),
      get(" Transfer-Encoding: chunked\r\n"),
      get("Transfer\x01-Encoding: chunked\r\n"),
      get("X: a\r\n Transfer-Encoding: chunked\r\n"),
      get("X: a\r\n\tb\r\n"),
      get("X: a\nTransfer-Encoding: chunked\r\n"),
      get("X: a\rTransfer-Encoding: chunked\r\n"),
      get("X: a\0b\r\n"s),
      get("X\r\n"),
      get(": x\r\n"),
      get("X Y: z\r\n"),
      get("Host: h\r\n"),
      "GET / HTTP/1.1\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: h/x\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: h@x\r\n\r\n",
      "GET / HTTP/1.1\nHost: h\n\n",
      "GET / HTTP/1.1\r\nHost: h\n\r\n",
      "GET / HTTP/1.1\r\nHost: h\r\n\n",
      "GET / HTTP/1.1\r\n Host: h\r\n\r\n",
      "GET  / HTTP/1.1\r\nHost: h\r\n\r\n",
      "GET /  HTTP/1.1\r\nHost: h\r\n\r\n",
      "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n",
      "GET\t/ HTTP/1.1\r\nHost: h\r\n\r\n",
      " GET / HTTP/1.1\r\nHost: h\r\n\r\n",
      "\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n",
      "GET /\r\n\r\n",
      "GET / HTTP/1.1 \r\nHost: h\r\n\r\n",
      "GET / HTTP/2.0\r\nHost: h\r\n\r\n",
      "GET / HTTP/0.9\r\nHost: h\r\n\r\n",
      "GET / http/1.1\r\nHost: h\r\n\r\n",
      "GET / HTTP/1.10\r\nHost: h\r\n\r\n",
      "GET / FTP/1.1\r\nHost: h\r\n\r\n",
      "GET /\0 HTTP/1.1\r\nHost: h\r\n\r\n"s,
      "G(T / HTTP/1.1\r\nHost: h\r\n\r\n",
      "\x16\x03\x01\x02\x05\x01\xfc\x03\x03",
      "GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  };
  for (const std::string& bytes : cases) {
    EXPECT_EQ(status(bytes + get("")), "400 close") << bytes;
    EXPECT_EQ(echo.asked, 0) << bytes;
    echo.asked = 0;
  }
}

TEST_F(ConversationTest, a_method_with_content_is_answered_and_the_content_never_read_as_a_request) {
  const std::string content = get("");
  const std::string post =
      "POST /a HTTP/1.1\r\nContent-Length: " + std::to_string(content.size()) + "\r\n" + std::string(kHost) + content;

  EXPECT_EQ(exchange(post), "200 [POST /a] close");
  EXPECT_EQ(exchange("POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + std::string(kHost) + "0\r\n\r\n"),
            "200 [POST /a] close");
  EXPECT_EQ(echo.asked, 2);
  EXPECT_EQ(status("POST / HTTP/1.1\r\nContent-Length: 1048577\r\n" + std::string(kHost)), "413 close");
}

TEST_F(ConversationTest, what_is_too_long_is_refused_before_it_is_complete) {
  const std::string line = "GET /" + std::string(8191, 'a') + " HTTP/1.1\r\n";
  EXPECT_EQ(status(line + std::string(kHost)), "200");
  EXPECT_EQ(status("GET /" + std::string(8192, 'a') + " HTTP/1.1\r\n" + std::string(kHost)), "414 close");
  EXPECT_EQ(status("GET /" + std::string(9000, 'a')), "414 close");
  EXPECT_EQ(status(get("X: " + std::string(17'000, 'a') + "\r\n")), "431 close");
  EXPECT_EQ(status("GET / HTTP/1.1\r\nX: " + std::string(17'000, 'a')), "431 close");
  const std::string most = get("X: " + std::string(16'384 - get("X: \r\n").size(), 'a') + "\r\n");
  EXPECT_EQ(most.size(), 16'384U);
  EXPECT_EQ(status(most), "200");
}

TEST_F(ConversationTest, a_hundred_fields_are_enough) {
  std::string fields;
  for (int i = 0; i < 99; ++i) fields += "X: y\r\n";  // Host is the hundredth
  EXPECT_EQ(status(get(fields)), "200");
  EXPECT_EQ(status(get(fields + "X: y\r\n")), "431 close");
}

TEST_F(ConversationTest, a_repeated_condition_is_none) {
  EXPECT_EQ(status(get("If-None-Match: \"a\"\r\nIf-None-Match: \"b\"\r\n")), "200");
  EXPECT_EQ(echo.condition, "");
}

}  // namespace
}  // namespace millrace::serve
