#include "testing/loopback_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>

#include <fmt/format.h>

#include "base/result.h"
#include "base/words.h"

namespace millrace::testing {
namespace {

/// 0 where there is none.
std::size_t content_length(const std::string& head) {
  const std::string lower = to_lower_ascii(head);
  constexpr std::string_view kName = "\r\ncontent-length:";
  const std::size_t at = lower.find(kName);
  return at == lower.npos ? 0 : static_cast<std::size_t>(std::strtoull(lower.c_str() + at + kName.size(), nullptr, 10));
}

void write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

/// The peer sees a reset instead of an end.
void make_reset(int fd) {
  const linger hard{1, 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
}

}  // namespace

LoopbackServer::LoopbackServer(Answer answer) : answer_(std::move(answer)), listener_(socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* raw = reinterpret_cast<sockaddr*>(&address);
  MR_INVARIANT(bind(listener_.get(), raw, size) == 0 && listen(listener_.get(), 64) == 0, "a loopback port is free");
  MR_INVARIANT(getsockname(listener_.get(), raw, &size) == 0, "a bound socket has a name");
  port_ = ntohs(address.sin_port);
  acceptor_ = std::jthread([this] { accept_all(); });
}

LoopbackServer::~LoopbackServer() {
  stopping_ = true;
  ::shutdown(listener_.get(), SHUT_RDWR);
  acceptor_.join();
  {
    const std::scoped_lock lock(mutex_);
    for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
  }
  talks_.clear();
}

std::string LoopbackServer::url(std::string_view path) const {
  return fmt::format("http://127.0.0.1:{}{}", port_, path);
}

std::vector<LoopbackServer::Request> LoopbackServer::received() const {
  const std::scoped_lock lock(mutex_);
  return received_;
}

std::string LoopbackServer::http(int status, std::string_view body, std::string_view headers) {
  return fmt::format("HTTP/1.1 {} Said\r\nContent-Length: {}\r\n{}\r\n{}", status, body.size(), headers, body);
}

void LoopbackServer::accept_all() {
  for (int connection = 1;; ++connection) {
    const int fd = ::accept(listener_.get(), nullptr, nullptr);
    if (fd < 0) return;
    const std::scoped_lock lock(mutex_);
    if (stopping_) {
      ::close(fd);
      return;
    }
    open_.push_back(fd);
    talks_.emplace_back([this, fd, connection] { serve(fd, connection); });
  }
}

bool LoopbackServer::read_request(int fd, std::string& buffer, Request& request) const {
  std::array<char, 65536> piece{};
  std::size_t needed = 0;  // 0: the head is not whole yet
  for (;;) {
    if (const std::size_t end = buffer.find("\r\n\r\n"); needed == 0 && end != buffer.npos) {
      request.head = buffer.substr(0, end + 4);
      needed = request.head.size() + content_length(request.head);
    }
    if (needed > 0 && buffer.size() >= needed) break;
    const ssize_t got = ::recv(fd, piece.data(), piece.size(), 0);
    if (got <= 0) return false;
    buffer.append(piece.data(), static_cast<std::size_t>(got));
  }
  request.body = buffer.substr(request.head.size(), needed - request.head.size());
  buffer.erase(0, needed);
  return true;
}

void LoopbackServer::serve(int fd, int connection) {
  std::string buffer;
  Then then = Then::keep;
  while (then == Then::keep) {
    Request request;
    if (!read_request(fd, buffer, request)) break;
    request.connection = connection;
    {
      const std::scoped_lock lock(mutex_);
      received_.push_back(request);
    }
    const Reply reply = answer_(request);
    write_all(fd, reply.bytes);
    then = reply.then;
  }
  std::array<char, 1> end{};
  if (then == Then::hang) static_cast<void>(::recv(fd, end.data(), end.size(), 0));  // until one of us goes away
  if (then == Then::reset) make_reset(fd);
  const std::scoped_lock lock(mutex_);
  std::erase(open_, fd);
  ::close(fd);
}

}  // namespace millrace::testing
