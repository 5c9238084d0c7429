#include "serve/hook_server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <mutex>
#include <thread>
#include <vector>

#include "base/files.h"

namespace millrace::serve {
namespace {

using namespace std::chrono_literals;

/// Sends bytes and reads until the server closes, or until one whole answer is there.
std::string talk(const std::string& address, const std::string& bytes, int answers = 1) {
  const Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(address.find(':') + 1))));
  ::inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
  const timeval patience{60, 0};
  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  EXPECT_EQ(::connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
  EXPECT_EQ(::send(fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
  std::string got;
  char buffer[4096];
  while (true) {
    int found = 0;
    for (auto at = got.find("{\"status\""); at != std::string::npos; at = got.find("{\"status\"", at + 1)) ++found;
    if (found >= answers && got.ends_with("}\n")) return got;
    const ssize_t n = ::recv(fd.get(), buffer, sizeof buffer, 0);
    if (n <= 0) return got;
    got.append(buffer, static_cast<std::size_t>(n));
  }
}

std::string post(const std::string& target, const std::string& body, const std::string& fields = "") {
  return "POST " + target + " HTTP/1.1\r\nHost: h\r\n" + fields + "Content-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

struct HookServerTest : ::testing::Test {
  void start(HookOptions options = {}) {
    server = *HookServer::start(options, Secret{"s3cret &%"}, [this](std::string_view body) -> Status {
      const std::scoped_lock lock(mutex);
      bodies.emplace_back(body);
      if (body == "bad") return Error{ErrorKind::invalid_input, "no", {}, {}};
      if (body == "later") return Error{ErrorKind::unavailable, "no", {}, {}};
      if (body == "throws") throw std::runtime_error("oops");
      return ok();
    });
  }
  std::string ask(const std::string& bytes) { return talk(server->address(), bytes).substr(0, 12); }
  std::mutex mutex;
  std::vector<std::string> bodies;
  std::unique_ptr<HookServer> server;
};

TEST_F(HookServerTest, takes_a_body_from_who_knows_the_token) {
  start();
  EXPECT_EQ(ask(post("/x?a=1&token=s3cret%20%26%25", "{1}")), "HTTP/1.1 200");
  EXPECT_EQ(ask(post("/", "{2}", "Authorization: Bearer s3cret &%\r\n")), "HTTP/1.1 200");
  EXPECT_EQ(bodies, (std::vector<std::string>{"{1}", "{2}"}));
}

TEST_F(HookServerTest, refuses_everybody_else_and_keeps_nothing) {
  start();
  for (const char* target : {"/", "/?token=", "/?token=s3cret", "/?tokens=s3cret%20%26%25", "/?x=token=1"})
    EXPECT_EQ(ask(post(target, "{}")), "HTTP/1.1 403") << target;
  EXPECT_EQ(ask(post("/", "{}", "Authorization: Bearer no\r\n")), "HTTP/1.1 403");
  EXPECT_TRUE(bodies.empty());
}

TEST_F(HookServerTest, says_whether_to_send_again) {
  start();
  const std::string known = "/?token=s3cret%20%26%25";
  EXPECT_EQ(ask(post(known, "bad")), "HTTP/1.1 400");
  EXPECT_EQ(ask(post(known, "later")), "HTTP/1.1 503");
  EXPECT_EQ(ask(post(known, "throws")), "HTTP/1.1 503");
  EXPECT_EQ(ask("GET " + known + " HTTP/1.1\r\nHost: h\r\n\r\n"), "HTTP/1.1 405");
  EXPECT_EQ(ask(post(known, "good")), "HTTP/1.1 200") << "and goes on";
}

TEST_F(HookServerTest, bounds_what_it_reads) {
  HookOptions options;
  options.most_body_bytes = 100;
  start(options);
  EXPECT_EQ(ask(post("/?token=s3cret%20%26%25", std::string(101, 'x'))), "HTTP/1.1 413");
  EXPECT_EQ(ask("POST / HTTP/1.1\r\nHost: h\r\nX: " + std::string(17 << 10, 'x') + "\r\n\r\n"), "HTTP/1.1 431");
  EXPECT_EQ(ask("nonsense\r\n\r\n"), "HTTP/1.1 400");
  EXPECT_TRUE(bodies.empty());
}

TEST_F(HookServerTest, lets_a_client_send_after_100_continue) {
  start();
  const std::string got = talk(server->address(), post("/?token=s3cret%20%26%25", "{}", "Expect: 100-continue\r\n"));
  EXPECT_EQ(got.substr(0, 12), "HTTP/1.1 100");
  EXPECT_NE(got.find("HTTP/1.1 200"), std::string::npos) << got;
}

TEST_F(HookServerTest, answers_several_requests_of_a_connection_in_their_order) {
  start();
  const std::string one = post("/?token=s3cret%20%26%25", "1"), two = post("/", "2");
  const std::string got = talk(server->address(), one + two + one, 3);
  EXPECT_LT(got.find("HTTP/1.1 200"), got.find("HTTP/1.1 403"));
  EXPECT_EQ(bodies, (std::vector<std::string>{"1", "1"}));
}

TEST_F(HookServerTest, gives_up_a_client_that_does_not_end_its_request) {
  HookOptions options;
  options.request_timeout = options.idle_timeout = 50ms;
  start(options);
  EXPECT_EQ(talk(server->address(), "POST /?token=x HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab"), "");
  EXPECT_EQ(talk(server->address(), ""), "");
}

TEST_F(HookServerTest, stops_while_clients_are_connected) {
  start();
  const Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(server->address().substr(10))));
  ::inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
  ASSERT_EQ(::connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
  server->stop();
  server->stop();
}

TEST(HookServer, says_that_its_address_is_in_use) {
  const auto take = [](std::string_view) { return ok(); };
  const auto first = *HookServer::start({}, Secret{"x"}, take);
  HookOptions options;
  options.listen = first->address();
  const auto second = HookServer::start(options, Secret{"x"}, take);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::conflict);
}

}  // namespace
}  // namespace millrace::serve
