#include "serve/hook_server.h"

#include <fmt/format.h>

#ifdef __SANITIZE_THREAD__  // gcc's knows no fences; the mutex of the loop's queue orders all the same
#define BOOST_ASIO_DISABLE_FENCED_BLOCK
#endif
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include "base/log.h"
#include "serve/listen_address.h"

namespace millrace::serve {
namespace {

namespace net = boost::asio;
namespace http = boost::beast::http;
using net::ip::tcp;
using ErrorCode = boost::system::error_code;

constexpr std::size_t kMostHeadBytes = 16U << 10;
constexpr std::chrono::milliseconds kAcceptPause{200};

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// The first value of "token" in the target's query, decoded.
std::string token_in(std::string_view target) {
  const auto query = target.find('?');
  std::string_view rest = query == std::string_view::npos ? "" : target.substr(query + 1);
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
    if (!pair.starts_with("token=")) continue;
    std::string out;
    for (std::size_t i = 6; i < pair.size(); ++i) {
      const int high = pair[i] == '%' && i + 2 < pair.size() ? hex_digit(pair[i + 1]) : -1;
      const int low = high >= 0 ? hex_digit(pair[i + 2]) : -1;
      out += low >= 0 ? static_cast<char>(high * 16 + low) : pair[i];
      if (low >= 0) i += 2;
    }
    return out;
  }
  return {};
}

Secret token_of(const http::request<http::string_body>& request) {
  const std::string authorization(request[http::field::authorization]);
  if (authorization.starts_with("Bearer ")) return Secret{authorization.substr(7)};
  return Secret{token_in(std::string(request.target()))};
}

struct Shared {
  const HookOptions options;
  const Secret token;
  const std::function<Status(std::string_view)> take;
};

http::status status_for(const Shared& shared, const http::request<http::string_body>& request) {
  if (!token_of(request).equals(shared.token)) return http::status::forbidden;
  if (request.method() != http::verb::post) return http::status::method_not_allowed;
  const Status done = [&]() -> Status {
    try {
      return shared.take(request.body());
    } catch (const std::exception& e) {
      return Error{ErrorKind::internal, e.what(), {}, {}};
    }
  }();
  if (done) return http::status::ok;
  return done.error().kind == ErrorKind::invalid_input ? http::status::bad_request : http::status::service_unavailable;
}

/// One connection. Exactly one operation of it is under way at any time; who ends it forgets it or starts the next.
class Connection {
 public:
  Connection(tcp::socket socket, const Shared& shared, std::function<void()> forget)
      : stream_(std::move(socket)), shared_(shared), forget_(std::move(forget)) {}

  void read() {
    parser_.emplace();
    parser_->header_limit(kMostHeadBytes);
    parser_->body_limit(shared_.options.most_body_bytes);
    stream_.expires_after(buffer_.size() > 0 ? shared_.options.request_timeout : shared_.options.idle_timeout);
    http::async_read_header(stream_, buffer_, *parser_, [this](ErrorCode error, std::size_t) {
      if (error == http::error::end_of_stream || !parser_->got_some()) return forget();
      if (error) return answer(status_of(error), true);
      stream_.expires_after(shared_.options.request_timeout);
      const bool asked = boost::beast::iequals(parser_->get()[http::field::expect], "100-continue");
      if (asked) return go_on();
      read_body();
    });
  }

  void close() {
    ErrorCode ignored;
    stream_.socket().close(ignored);
  }

 private:
  /// Ends this connection: it is no more when this returns.
  void forget() {
    const auto last = std::move(forget_);
    last();
  }

  void go_on() {
    continue_.emplace(http::status::continue_, 11);
    http::async_write(stream_, *continue_, [this](ErrorCode error, std::size_t) {
      if (error) return forget();
      read_body();
    });
  }

  void read_body() {
    http::async_read(stream_, buffer_, *parser_, [this](ErrorCode error, std::size_t) {
      if (error == boost::beast::error::timeout) return forget();
      if (error) return answer(status_of(error), true);
      const auto& request = parser_->get();
      answer(status_for(shared_, request), !request.keep_alive());
    });
  }

  static http::status status_of(ErrorCode error) {
    if (error == http::error::body_limit) return http::status::payload_too_large;
    if (error == http::error::header_limit) return http::status::request_header_fields_too_large;
    return http::status::bad_request;
  }

  void answer(http::status status, bool close_after) {
    response_.emplace(status, 11);
    response_->set(http::field::content_type, "application/json");
    response_->set(http::field::cache_control, "no-store");
    response_->body() = fmt::format("{{\"status\":{}}}\n", static_cast<unsigned>(status));
    response_->keep_alive(!close_after);
    response_->prepare_payload();
    http::async_write(stream_, *response_, [this, close_after](ErrorCode error, std::size_t) {
      if (error || close_after) return forget();
      read();
    });
  }

  boost::beast::tcp_stream stream_;
  boost::beast::flat_buffer buffer_{kMostHeadBytes * 2};
  std::optional<http::request_parser<http::string_body>> parser_;
  std::optional<http::response<http::empty_body>> continue_;
  std::optional<http::response<http::string_body>> response_;
  const Shared& shared_;  // borrows; the loop's, outlives its connections
  std::function<void()> forget_;
};

}  // namespace

class HookServer::Loop {
 public:
  Loop(const HookOptions& options, Secret token, std::function<Status(std::string_view)> take)
      : shared_{options, std::move(token), std::move(take)} {}
  ~Loop() { stop(); }
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  Status start() {
    MR_TRY(ListenAddress at, parse_listen_address(shared_.options.listen));
    try {
      const tcp::endpoint endpoint(net::ip::make_address(at.host), at.port);
      acceptor_.open(endpoint.protocol());
      acceptor_.set_option(net::socket_base::reuse_address(true));
      acceptor_.bind(endpoint);
      acceptor_.listen();
      at.port = acceptor_.local_endpoint().port();
    } catch (const boost::system::system_error& e) {
      return listen_error(at, e.code().value());
    }
    address_ = at.text();
    accept();
    thread_ = std::jthread([this] { run(); });
    return ok();
  }

  void stop() {
    std::call_once(stopped_, [this] {
      net::post(io_, [this] {
        ErrorCode ignored;
        acceptor_.close(ignored);
        pause_.cancel();
        for (auto& [id, c] : connections_) c.close();
      });
      if (thread_.joinable()) thread_.join();
    });
  }

  [[nodiscard]] const std::string& address() const { return address_; }

 private:
  void run() {
    for (bool more = true; more;) {
      try {
        io_.run();
        more = false;
      } catch (const std::exception& e) {
        log::event("connection_failed", log::Level::error, {{"where", "hook server"}, {"reason", e.what()}});
      }
    }
  }

  void accept() {
    acceptor_.async_accept([this](ErrorCode error, tcp::socket socket) {
      if (!acceptor_.is_open()) return;
      if (error) {  // out of descriptors, say
        pause_.expires_after(kAcceptPause);
        return pause_.async_wait([this](ErrorCode stopped) {
          if (!stopped && acceptor_.is_open()) accept();
        });
      }
      if (connections_.size() < shared_.options.most_connections) {
        const std::uint64_t id = ++last_id_;
        const auto forget = [&all = connections_, id] { all.erase(id); };
        connections_.try_emplace(id, std::move(socket), shared_, forget).first->second.read();
      }
      accept();
    });
  }

  Shared shared_;
  net::io_context io_{1};
  tcp::acceptor acceptor_{io_};
  net::steady_timer pause_{io_};
  std::map<std::uint64_t, Connection> connections_;
  std::uint64_t last_id_ = 0;
  std::string address_;
  std::once_flag stopped_;
  std::jthread thread_;  // last: joined before the rest goes
};

HookServer::HookServer(std::unique_ptr<Loop> loop) : loop_(std::move(loop)) {}
HookServer::~HookServer() = default;
const std::string& HookServer::address() const { return loop_->address(); }
void HookServer::stop() { loop_->stop(); }

Result<std::unique_ptr<HookServer>> HookServer::start(const HookOptions& options, Secret token,
                                                      std::function<Status(std::string_view)> take) {
  auto loop = std::make_unique<Loop>(options, std::move(token), std::move(take));
  MR_CHECK(loop->start());
  return std::unique_ptr<HookServer>(new HookServer(std::move(loop)));
}

}  // namespace millrace::serve
