#pragma once
/// \file testing/loopback_server.h
#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/files.h"

namespace millrace::testing {

/// A server on 127.0.0.1 that says the very bytes it is told to, so that it can misbehave.
class LoopbackServer {
 public:
  struct Request {
    std::string head;    ///< request line and headers, with CRLF
    std::string body;    ///< as long as Content-Length says
    int connection = 0;  ///< which one it came over; the first is 1
    [[nodiscard]] bool has(std::string_view text) const { return head.find(text) != std::string::npos; }
  };
  enum class Then : std::uint8_t { keep, close, reset, hang };
  struct Reply {
    std::string bytes;
    Then then = Then::keep;
  };
  using Answer = std::function<Reply(const Request&)>;

  explicit LoopbackServer(Answer answer);
  ~LoopbackServer();
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;

  [[nodiscard]] std::string url(std::string_view path = "/") const;
  [[nodiscard]] std::vector<Request> received() const;

  /// A whole answer. `headers`: lines with CRLF.
  static std::string http(int status, std::string_view body, std::string_view headers = {});

 private:
  void accept_all();
  void serve(int fd, int connection);
  bool read_request(int fd, std::string& buffer, Request& request) const;

  const Answer answer_;
  Fd listener_;
  int port_ = 0;
  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;
  std::vector<Request> received_;
  std::vector<int> open_;
  std::vector<std::jthread> talks_;
  std::jthread acceptor_;
};

}  // namespace millrace::testing
