// relay PORT HOST:PORT MB_PER_SECOND FIRST_BYTE_MS: a network on a loopback. Each connection gets at most that many
// megabytes a second of answers, and the first byte of each answer comes that much later. PORT 0: any. Prints the port
// it listens on, and runs until its standard input ends.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <chrono>
#include <csignal>
#include <string>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

struct Limits {
  double bytes_per_second = 0;
  std::chrono::milliseconds first_byte{0};
};

bool send_all(int to, const char* data, std::size_t size) {
  while (size > 0) {
    const ssize_t n = ::send(to, data, size, MSG_NOSIGNAL);
    if (n <= 0) return false;
    data += n;
    size -= static_cast<std::size_t>(n);
  }
  return true;
}

/// One connection: questions pass at once, answers late and slowly.
class Pair {
 public:
  Pair(int client, int server, Limits limits) : client_(client), server_(server), limits_(limits) {}

  void run() {
    std::jthread questions([this] {
      pump_questions();
      ::shutdown(server_, SHUT_WR);
    });
    pump_answers();
    ::shutdown(client_, SHUT_RDWR);
    ::shutdown(server_, SHUT_RDWR);
    questions.join();
    ::close(client_);
    ::close(server_);
  }

 private:
  void pump_questions() {
    std::vector<char> buffer(kPiece);
    for (;;) {
      const ssize_t n = ::recv(client_, buffer.data(), buffer.size(), 0);
      if (n <= 0) return;
      asked_ = true;
      if (!send_all(server_, buffer.data(), static_cast<std::size_t>(n))) return;
    }
  }

  void pump_answers() {
    std::vector<char> buffer(kPiece);
    auto due = Clock::now();  // when the link is free again
    for (;;) {
      const ssize_t n = ::recv(server_, buffer.data(), buffer.size(), 0);
      if (n <= 0) return;
      if (asked_.exchange(false)) std::this_thread::sleep_for(limits_.first_byte);
      due = std::max(due, Clock::now());
      if (!send_all(client_, buffer.data(), static_cast<std::size_t>(n))) return;
      due += std::chrono::duration_cast<Clock::duration>(
          std::chrono::duration<double>(static_cast<double>(n) / limits_.bytes_per_second));
      std::this_thread::sleep_until(due);
    }
  }

  static constexpr std::size_t kPiece = 256 << 10;
  const int client_, server_;
  const Limits limits_;
  std::atomic<bool> asked_{false};
};

/// Small buffers: what stands in them has not been paid for.
int connected_to(const sockaddr_in& address) {
  const int s = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int one = 1, buffer = 256 << 10;
  ::setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  ::setsockopt(s, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
  if (::connect(s, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return s;
  ::close(s);
  return -1;
}

bool parse_address(const std::string& text, sockaddr_in& address) {
  const auto colon = text.find(':');
  if (colon == std::string::npos) return false;
  std::uint16_t port = 0;
  std::from_chars(text.data() + colon + 1, text.data() + text.size(), port);
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  return port != 0 && ::inet_pton(AF_INET, text.substr(0, colon).c_str(), &address.sin_addr) == 1;
}

int listening_on(std::uint16_t port) {
  const int s = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int one = 1;
  ::setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(s, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 || ::listen(s, 64) != 0) return -1;
  socklen_t size = sizeof address;
  ::getsockname(s, reinterpret_cast<sockaddr*>(&address), &size);
  fmt::print("{}\n", ntohs(address.sin_port));
  std::fflush(stdout);
  return s;
}

int serve(int listener, const sockaddr_in& server, const Limits& limits) {
  std::vector<std::jthread> pairs;
  for (;;) {
    pollfd ready[2] = {{listener, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
    if (::poll(ready, 2, -1) < 0) return 1;
    if (ready[1].revents != 0) ::_exit(0);  // connections that are still open end with us
    const int client = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) continue;
    const int one = 1;
    ::setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    const int upstream = connected_to(server);
    if (upstream < 0)
      ::close(client);
    else
      pairs.emplace_back([=] { Pair(client, upstream, limits).run(); });
  }
}

}  // namespace

int main(int argc, char** argv) {
  sockaddr_in server{};
  std::uint16_t port = 0;
  int megabytes = 0, milliseconds = 0;
  const auto number = [](const char* text, auto& into) {
    std::from_chars(text, text + std::char_traits<char>::length(text), into);
  };
  if (argc == 5) {
    number(argv[1], port);
    number(argv[3], megabytes);
    number(argv[4], milliseconds);
  }
  if (argc != 5 || !parse_address(argv[2], server) || megabytes <= 0) {
    fmt::print(stderr, "usage: relay PORT HOST:PORT MB_PER_SECOND FIRST_BYTE_MS\n");
    return 2;
  }
  ::signal(SIGPIPE, SIG_IGN);
  const int listener = listening_on(port);
  if (listener < 0) {
    fmt::print(stderr, "relay: cannot listen on port {}\n", port);
    return 1;
  }
  return serve(listener, server, {megabytes * 1e6, std::chrono::milliseconds(milliseconds)});
}
