#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

#include "base/failpoint.h"
#include "net/transport_for_tests.h"
#include "testing/temp_folder.h"

namespace millrace::net {
namespace {

using namespace std::chrono_literals;

/// A server that gives every request the same bytes.
std::unique_ptr<LoopbackServer> saying(std::string bytes, Then then = Then::keep) {
  return std::make_unique<LoopbackServer>([=](const auto&) { return LoopbackServer::Reply{bytes, then}; });
}

/// Generous where a test does not mean them.
Deadlines patient() { return {60s, 60s, 60s, 0ms}; }

TEST(CurlFailuresTest, a_body_that_breaks_off_is_no_answer) {
  const auto server = saying("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabcd", Then::close);
  TextSink sink;
  SendFacts facts;

  const auto answer = transport_of()->send({.url = server->url("/o"), .facts = &facts}, &sink);

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::unavailable);
  EXPECT_NE(answer.error().message.find("/o: the answer broke off after 4 bytes"), std::string::npos)
      << answer.error().message;
  EXPECT_TRUE(facts.sent);
  EXPECT_EQ(facts.status, 200);
  EXPECT_EQ(facts.body_bytes, 4U);
  EXPECT_EQ(sink.text, "abcd");
}

TEST(CurlFailuresTest, a_refused_connection_says_that_nothing_was_sent) {
  std::string url;
  {
    const auto server = saying("");
    url = server->url();
  }
  SendFacts facts;

  const auto answer = transport_of()->send({.url = url, .facts = &facts});

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::unavailable);
  EXPECT_FALSE(facts.sent);
}

TEST(CurlFailuresTest, a_reset_says_that_the_request_may_have_been_carried_out) {
  const auto server = saying("", Then::reset);
  SendFacts facts;

  const auto answer = transport_of()->send({.method = "PUT", .url = server->url(), .body = "x", .facts = &facts});

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::unavailable);
  EXPECT_TRUE(facts.sent);
  EXPECT_EQ(facts.status, 0);
}

TEST(CurlFailuresTest, a_server_that_says_nothing_is_left_after_the_first_byte_deadline) {
  const auto server = saying("", Then::hang);
  Deadlines deadlines = patient();
  deadlines.first_byte = 200ms;
  SendFacts facts;

  const auto answer = transport_of()->send({.url = server->url(), .deadlines = deadlines, .facts = &facts});

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::unavailable);
  EXPECT_NE(answer.error().message.find("no answer within 0.20 s"), std::string::npos) << answer.error().message;
  EXPECT_TRUE(facts.timed_out);
}

TEST(CurlFailuresTest, a_body_that_stands_still_is_left_after_the_stall_deadline) {
  const auto server = saying("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabcd", Then::hang);
  Deadlines deadlines = patient();
  deadlines.stall = 200ms;
  SendFacts facts;

  const auto answer = transport_of()->send({.url = server->url(), .deadlines = deadlines, .facts = &facts});

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::unavailable);
  EXPECT_NE(answer.error().message.find("no byte moved"), std::string::npos) << answer.error().message;
  EXPECT_TRUE(facts.timed_out);
}

TEST(CurlFailuresTest, the_total_deadline_is_an_end_of_its_own_kind) {
  const auto server = saying("", Then::hang);
  Deadlines deadlines = patient();
  deadlines.total = 300ms;

  const auto answer = transport_of()->send({.url = server->url(), .deadlines = deadlines});

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::deadline_exceeded);
}

TEST(CurlFailuresTest, a_stop_ends_a_request_that_waits) {
  std::stop_source stop;
  LoopbackServer server([&](const auto&) {
    stop.request_stop();
    return LoopbackServer::Reply{"", Then::hang};
  });

  const auto answer = transport_of()->send({.url = server.url(), .deadlines = patient(), .stop = stop.get_token()});

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::cancelled);
}

TEST(CurlFailuresTest, what_a_sink_complains_of_is_the_error) {
  const auto server = saying(LoopbackServer::http(200, "bytes"));
  TextSink sink;
  sink.refuses = true;

  const auto answer = transport_of()->send({.url = server->url()}, &sink);

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().message, "the sink is full");
}

TEST(CurlFailuresTest, a_source_that_ends_early_is_a_conflict) {
  const auto server = saying(LoopbackServer::http(200, ""));
  TextSource source("half", 4);

  const auto answer = transport_of()->send({.method = "PUT", .url = server->url(), .source = &source});

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::conflict);
  EXPECT_NE(answer.error().message.find("4 of 8 bytes"), std::string::npos) << answer.error().message;
}

TEST(CurlFailuresTest, an_answer_that_is_too_long_for_memory_is_refused) {
  const auto server = saying(LoopbackServer::http(200, std::string(5000, 'x')));

  const auto answer = transport_of()->send({.url = server->url(), .max_body_bytes = 4096});

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::invalid_input);
}

TEST(CurlFailuresTest, a_header_of_two_lines_is_never_sent) {
  const auto server = saying(LoopbackServer::http(200, ""));
  const auto transport = transport_of();

  for (const Header& header : Headers{{"a", "1\r\nb: 2"}, {"a\nb", "1"}, {"", "1"}, {"a: b", "1"}}) {
    const auto answer = transport->send({.url = server->url(), .headers = {header}});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, ErrorKind::invalid_input);
  }
  EXPECT_TRUE(server->received().empty());
}

TEST(CurlFailuresTest, other_schemes_than_http_are_refused) {
  for (const char* url :
       {"file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "http://", "nonsense:// x"}) {
    const auto answer = transport_of()->send({.url = url});
    ASSERT_FALSE(answer) << url;
    EXPECT_EQ(answer.error().kind, ErrorKind::invalid_input) << url << answer.error().message;
  }
}

TEST(CurlFailuresTest, messages_hold_neither_query_nor_headers) {
  const auto server = saying("", Then::reset);

  const auto answer = transport_of()->send(
      {.url = server->url("/o?X-Amz-Signature=canary1"), .headers = {{"Authorization", "canary2"}, {"x", "canary3"}}});

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().message.find("canary"), std::string::npos) << answer.error().message;
  EXPECT_NE(answer.error().message.find("/o: "), std::string::npos) << answer.error().message;
}

TEST(CurlFailuresTest, a_lost_answer_is_lost_after_the_server_has_acted) {
  const auto server = saying(LoopbackServer::http(200, ""));
  const auto transport = transport_of();
  SendFacts facts;

  ASSERT_TRUE(failpoint::configure("net.send.before=error@1"));
  EXPECT_FALSE(transport->send({.method = "PUT", .url = server->url(), .facts = &facts}));
  EXPECT_FALSE(facts.sent);
  EXPECT_TRUE(server->received().empty());

  ASSERT_TRUE(failpoint::configure("net.send.after=error@1"));
  EXPECT_FALSE(transport->send({.method = "PUT", .url = server->url(), .facts = &facts}));
  EXPECT_TRUE(facts.sent);
  EXPECT_EQ(server->received().size(), 1U);
  ASSERT_TRUE(failpoint::configure(""));
}

TEST(CurlFailuresTest, a_ca_file_that_is_not_there_is_said_at_once) {
  const auto made = make_curl_transport({.ca_file = "/nonexistent/ca.pem"});

  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().kind, ErrorKind::invalid_input);
}

// ---- TLS, against the server of the openssl program ---------------------------------------------------------------

/// `openssl s_server` with a certificate for 127.0.0.1, and one that nothing trusts.
class TlsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(std::system("command -v openssl >/dev/null"), 0) << "needs the program openssl, which ./dev installs";
    for (const char* name : {"own", "other"}) make_certificate(name);
    const std::string command = "exec timeout 120 openssl s_server -accept 127.0.0.1:0 -www -naccept 2 -cert " +
                                path("own.pem") + " -key " + path("own.key") + " 2>&1 </dev/null";
    server_ = popen(command.c_str(), "r");
    ASSERT_NE(server_, nullptr);
    for (char line[256]; url_.empty() && fgets(line, sizeof line, server_) != nullptr;) {
      const std::string said(line);
      if (said.starts_with("ACCEPT ")) url_ = "https://" + said.substr(7, said.find_last_not_of("\r\n") - 6) + "/";
    }
    ASSERT_FALSE(url_.empty()) << "openssl s_server did not say where it listens";
  }
  void TearDown() override {
    if (server_ == nullptr) return;
    // It ends by itself after its two connections, or when its time is up.
    for (char line[256]; fgets(line, sizeof line, server_) != nullptr;) {
    }
    pclose(server_);
  }
  [[nodiscard]] std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
  void make_certificate(const std::string& name) const {
    const std::string command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=" + name +
                                " -addext subjectAltName=IP:127.0.0.1 -keyout " + path(name + ".key") + " -out " +
                                path(name + ".pem") + " 2>/dev/null";
    ASSERT_EQ(std::system(command.c_str()), 0);
  }
  Result<HttpResponse> get_trusting(const std::string& ca) {
    return transport_of({.ca_file = path(ca), .use_proxy_of_environment = false})->send({.url = url_});
  }

  testing::TempFolder folder_;
  FILE* server_ = nullptr;
  std::string url_;
};

TEST_F(TlsTest, a_certificate_is_believed_only_from_the_authority_that_is_named) {
  const auto wrong = get_trusting("other.pem");
  const auto right = get_trusting("own.pem");

  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().kind, ErrorKind::invalid_input) << wrong.error().message;
  EXPECT_NE(wrong.error().hint.find("ca_file"), std::string::npos);
  ASSERT_TRUE(right) << right.error().message;
  EXPECT_EQ(right->status, 200);
}

}  // namespace
}  // namespace millrace::net
