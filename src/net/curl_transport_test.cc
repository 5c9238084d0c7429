#include "net/curl_transport.h"

#include <gtest/gtest.h>

#include "net/transport_for_tests.h"

namespace millrace::net {
namespace {

std::string echo_path(const LoopbackServer::Request& request) {
  return request.head.substr(0, request.head.find("\r\n"));
}

TEST(CurlTransportTest, gives_status_headers_and_body_of_every_answer) {
  LoopbackServer server([](const auto&) {
    return LoopbackServer::Reply{LoopbackServer::http(503, "<Error/>", "x-amz-request-id: R1\r\nETag: \"e\"\r\n")};
  });

  const auto answer = transport_of()->send({.url = server.url("/a")});

  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 503);
  EXPECT_EQ(answer->body, "<Error/>");
  EXPECT_EQ(*answer->find("X-Amz-Request-Id"), "R1");
  EXPECT_EQ(*answer->find("etag"), "\"e\"");
}

TEST(CurlTransportTest, keeps_a_connection_for_the_next_request) {
  LoopbackServer server([](const auto&) { return LoopbackServer::Reply{LoopbackServer::http(200, "x")}; });
  const auto transport = transport_of();

  for (int i = 0; i < 3; ++i) ASSERT_TRUE(transport->send({.url = server.url()}));
  ASSERT_TRUE(transport->send({.url = server.url(), .fresh_connection = true}));

  const auto seen = server.received();
  ASSERT_EQ(seen.size(), 4U);
  EXPECT_EQ(seen[0].connection, seen[1].connection);
  EXPECT_EQ(seen[0].connection, seen[2].connection);
  EXPECT_NE(seen[0].connection, seen[3].connection);
}

TEST(CurlTransportTest, sends_a_path_as_it_stands) {
  LoopbackServer server([](const auto& r) { return LoopbackServer::Reply{LoopbackServer::http(200, echo_path(r))}; });

  const auto answer = transport_of()->send({.url = server.url("/b/a/../x//./y%2Fz/?lifecycle=&a=%20")});

  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "GET /b/a/../x//./y%2Fz/?lifecycle=&a=%20 HTTP/1.1");
}

TEST(CurlTransportTest, does_not_follow_a_redirect_and_shows_it_to_nobody_else) {
  LoopbackServer other([](const auto&) { return LoopbackServer::Reply{LoopbackServer::http(200, "trap")}; });
  LoopbackServer server([&](const auto&) {
    return LoopbackServer::Reply{LoopbackServer::http(307, "", "Location: " + other.url("/x") + "\r\n")};
  });

  const auto answer = transport_of()->send({.url = server.url(), .headers = {{"x-amz-security-token", "canary"}}});

  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 307);
  EXPECT_TRUE(other.received().empty());
}

TEST(CurlTransportTest, sends_a_large_body_whole_without_asking_whether_it_may) {
  LoopbackServer server([](const auto&) { return LoopbackServer::Reply{LoopbackServer::http(200, "")}; });
  const std::string body(3 << 20, 'b');

  ASSERT_TRUE(transport_of()->send({.method = "PUT", .url = server.url(), .body = body}));

  const auto seen = server.received();
  ASSERT_EQ(seen.size(), 1U);
  EXPECT_TRUE(seen[0].has("\r\nContent-Length: 3145728\r\n")) << seen[0].head;
  EXPECT_FALSE(seen[0].has("Expect")) << seen[0].head;
  EXPECT_FALSE(seen[0].has("Transfer-Encoding")) << seen[0].head;
  EXPECT_EQ(seen[0].body, body);
}

TEST(CurlTransportTest, sends_a_post_without_a_body_as_such_and_invents_no_type_for_it) {
  LoopbackServer server([](const auto&) { return LoopbackServer::Reply{LoopbackServer::http(200, "")}; });

  ASSERT_TRUE(transport_of()->send({.method = "POST", .url = server.url("/o?uploads=")}));

  const auto seen = server.received();
  EXPECT_TRUE(seen.at(0).has("POST /o?uploads= HTTP/1.1")) << seen[0].head;
  EXPECT_TRUE(seen[0].has("\r\nContent-Length: 0\r\n")) << seen[0].head;
  EXPECT_FALSE(seen[0].has("Content-Type")) << seen[0].head;
}

TEST(CurlTransportTest, sends_headers_as_given_an_empty_one_too) {
  LoopbackServer server([](const auto&) { return LoopbackServer::Reply{LoopbackServer::http(200, "")}; });

  ASSERT_TRUE(transport_of()->send(
      {.method = "DELETE", .url = server.url(), .headers = {{"x-amz-meta-a", ""}, {"x-amz-meta-a-b", "1"}}}));

  const auto seen = server.received();
  EXPECT_TRUE(seen.at(0).has("DELETE / HTTP/1.1\r\n"));
  EXPECT_TRUE(seen[0].has("\r\nx-amz-meta-a:\r\n")) << seen[0].head;
  EXPECT_TRUE(seen[0].has("\r\nx-amz-meta-a-b: 1\r\n")) << seen[0].head;
  EXPECT_TRUE(seen[0].has("\r\nUser-Agent: millrace/test\r\n")) << seen[0].head;
  EXPECT_FALSE(seen[0].has("Accept:")) << seen[0].head;
}

TEST(CurlTransportTest, reads_a_body_from_its_source) {
  LoopbackServer server([](const auto&) { return LoopbackServer::Reply{LoopbackServer::http(200, "")}; });
  TextSource source(std::string(123'457, 's'));

  ASSERT_TRUE(transport_of()->send({.method = "PUT", .url = server.url(), .source = &source}));

  EXPECT_EQ(server.received().at(0).body, std::string(123'457, 's'));
  EXPECT_EQ(source.rewinds, 1);
}

TEST(CurlTransportTest, sends_a_body_again_from_its_beginning_where_a_kept_connection_turns_out_dead) {
  std::atomic<int> count{0};
  LoopbackServer server([&](const auto&) {
    // The first answer promises to keep the connection, which then goes away.
    return LoopbackServer::Reply{LoopbackServer::http(200, ""), ++count == 1 ? Then::close : Then::keep};
  });
  const auto transport = transport_of();
  ASSERT_TRUE(transport->send({.url = server.url()}));
  TextSource source(std::string(300'000, 's'));

  const auto answer = transport->send({.method = "PUT", .url = server.url(), .source = &source});

  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(server.received().back().connection, 2);
  EXPECT_EQ(server.received().back().body, std::string(300'000, 's'));
}

TEST(CurlTransportTest, tells_a_sink_the_head_before_the_first_byte) {
  LoopbackServer server([](const auto&) {
    return LoopbackServer::Reply{LoopbackServer::http(206, "bytes", "Content-Range: bytes 0-4/9\r\n")};
  });
  TextSink sink;

  const auto answer = transport_of()->send({.url = server.url()}, &sink);

  ASSERT_TRUE(answer);
  EXPECT_EQ(sink.status, 206);
  EXPECT_EQ(*find_header(sink.headers, "content-range"), "bytes 0-4/9");
  EXPECT_EQ(sink.text, "bytes");
  EXPECT_EQ(answer->body, "");
}

TEST(CurlTransportTest, keeps_the_body_that_a_sink_does_not_want) {
  LoopbackServer server([](const auto&) { return LoopbackServer::Reply{LoopbackServer::http(404, "<Error/>")}; });
  TextSink sink;
  sink.takes = false;

  const auto answer = transport_of()->send({.url = server.url()}, &sink);

  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "<Error/>");
  EXPECT_EQ(sink.text, "");
}

TEST(CurlTransportTest, tells_a_sink_of_an_answer_without_a_body) {
  LoopbackServer server([](const auto&) { return LoopbackServer::Reply{LoopbackServer::http(200, "")}; });
  TextSink sink;

  ASSERT_TRUE(transport_of()->send({.url = server.url()}, &sink));

  EXPECT_EQ(sink.status, 200);
}

TEST(CurlTransportTest, takes_the_length_in_a_head_answer_for_a_description) {
  LoopbackServer server(
      [](const auto&) { return LoopbackServer::Reply{"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"}; });
  const auto transport = transport_of();

  const auto first = transport->send({.method = "HEAD", .url = server.url()});
  const auto second = transport->send({.method = "HEAD", .url = server.url()});

  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(*first->find("content-length"), "1000000");
  ASSERT_TRUE(second);
  EXPECT_EQ(server.received().at(1).connection, 1);
}

TEST(CurlTransportTest, leaves_packed_bodies_packed) {
  LoopbackServer server([](const auto& request) {
    EXPECT_FALSE(request.has("Accept-Encoding"));
    return LoopbackServer::Reply{LoopbackServer::http(200, "not unpacked", "Content-Encoding: gzip\r\n")};
  });

  const auto answer = transport_of()->send({.url = server.url()});

  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->body, "not unpacked");
}

TEST(CurlTransportTest, reads_chunked_answers_and_forgets_interim_ones) {
  LoopbackServer server([](const auto&) {
    return LoopbackServer::Reply{
        "HTTP/1.1 100 Continue\r\nx-interim: 1\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        "3\r\nabc\r\n2\r\nde\r\n0\r\nx-trailer: 1\r\n\r\n"};
  });

  const auto answer = transport_of()->send({.url = server.url()});

  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "abcde");
  EXPECT_EQ(answer->find("x-interim"), nullptr);
  EXPECT_EQ(answer->find("x-trailer"), nullptr);
}

TEST(CurlTransportTest, is_shared_by_threads) {
  LoopbackServer server([](const auto& r) { return LoopbackServer::Reply{LoopbackServer::http(200, echo_path(r))}; });
  const auto transport = transport_of();
  std::atomic<int> good{0};
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 8; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < 20; ++i) {
          const std::string path = "/" + std::to_string(t) + "-" + std::to_string(i);
          const auto answer = transport->send({.url = server.url(path)});
          good += answer && answer->body == "GET " + path + " HTTP/1.1" ? 1 : 0;
        }
      });
    }
  }
  EXPECT_EQ(good, 160);
}

}  // namespace
}  // namespace millrace::net
