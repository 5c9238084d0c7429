#include "serve/http_server.h"

#include <sys/socket.h>

#include <fmt/format.h>

#ifdef __SANITIZE_THREAD__  // gcc's knows no fences; the mutex of the loop's queue orders all the same
#define BOOST_ASIO_DISABLE_FENCED_BLOCK
#endif
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <atomic>
#include <condition_variable>
#include <list>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

#include "base/log.h"
#include "serve/api.h"
#include "serve/conversation.h"
#include "serve/listen_address.h"

namespace millrace::serve {
namespace {

namespace net = boost::asio;
using net::ip::tcp;
using ErrorCode = boost::system::error_code;
// With the loop's own executor: the general one costs an indirect call and a count per operation.
using Executor = net::io_context::executor_type;
using Socket = net::basic_stream_socket<tcp, Executor>;
using Acceptor = net::basic_socket_acceptor<tcp, Executor>;
using Timer =
    net::basic_waitable_timer<std::chrono::steady_clock, net::wait_traits<std::chrono::steady_clock>, Executor>;

constexpr std::chrono::milliseconds kLinger{2'000};  // for a client to read its reply before a hard close
constexpr std::size_t kMostLingerBytes = 8U << 20;

/// What the threads of one server share.
struct Shared {
  const ServerOptions options;
  const PublishedSlot& slot;  // borrows, as does the clock: outlive the server
  const Clock& clock;
  std::atomic<std::size_t> connections{0};
};

/// Exactly one operation of the socket is under way at any time; who ends it destroys the
/// connection or starts the next one. To close from elsewhere, close the socket: the operation ends.
struct Connection {
  explicit Connection(Socket s) : socket(std::move(s)) {}
  Socket socket;
  Conversation conversation;
  SteadyTime deadline;
  enum class Doing : std::uint8_t { waiting, reading_head, writing, lingering } doing = Doing::waiting;
  bool timed_out = false;
  std::size_t lingered = 0;
  std::list<Connection>::iterator self;
};

class Worker final : public Answers {
 public:
  Worker(Shared& shared, std::unique_ptr<warehouse::Session> session, std::uint64_t seed)
      : shared_(shared), session_(std::move(session)), api_(*session_, seed) {}

  /// Throws system_error. Returns the real port.
  std::uint16_t listen(const tcp::endpoint& at, bool share_port) {
    acceptor_.open(at.protocol());
    acceptor_.set_option(net::socket_base::reuse_address(true));
    const int on = 1;
    if (share_port && ::setsockopt(acceptor_.native_handle(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0)
      throw boost::system::system_error(errno, boost::system::system_category());
    acceptor_.bind(at);
    acceptor_.listen(net::socket_base::max_listen_connections);
    acceptor_.non_blocking(true);
    return acceptor_.local_endpoint().port();
  }

  /// Throws system_error where the machine has no more threads.
  void start() {
    accept();
    tick();
    ended_ = false;
    try {
      thread_ = std::jthread([this] { run(); });
    } catch (...) {
      ended_ = true;
      throw;
    }
  }

  // From other threads.
  void begin_to_stop() {
    net::post(io_, [this] { drain(); });
  }
  bool has_ended_by(SteadyTime when) {
    std::unique_lock lock(mutex_);
    return changed_.wait_until(lock, when, [this] { return ended_; });
  }
  void abandon() {
    io_.stop();
    do session_->interrupt();  // again and again: the first may come before the query has begun
    while (!has_ended_by(std::chrono::steady_clock::now() + std::chrono::milliseconds(20)));
  }

 private:
  void run() {
    for (bool more = true; more;) {
      try {
        io_.run();
        more = false;
      } catch (const std::exception& e) {
        log_failure("event loop", e.what());
      }
    }
    const std::lock_guard lock(mutex_);
    ended_ = true;
    changed_.notify_all();
  }

  Response answer(const Request& request) override {
    try {
      const auto published = shared_.slot.get();
      return api_.answer(request, published.get());
    } catch (const std::exception& e) {
      return api_.failed(request, {ErrorKind::internal, e.what(), {}, {}});
    }
  }
  std::string_view date() override {
    const WallTime now = shared_.clock.now();
    if (const auto second = std::chrono::floor<std::chrono::seconds>(now); second != date_of_ || date_.empty()) {
      date_ = http_date(now);
      date_of_ = second;
    }
    return date_;
  }
  [[nodiscard]] bool closing() const override { return draining_; }

  static void log_failure(std::string_view where, std::string_view reason) {
    log::event("connection_failed", log::Level::error, {{"where", where}, {"reason", reason}});
  }

  void accept() {
    acceptor_.async_wait(Acceptor::wait_read, [this](ErrorCode error) {
      if (!acceptor_.is_open()) return;
      if (error) {
        accept_paused_ = true;
        return;
      }
      accept();  // first: what fails below costs one connection only
      accept_waiting();
    });
  }

  /// All that wait: one for each turn of the loop would let the last of a crowd wait for seconds.
  void accept_waiting() {
    constexpr int kMostAtOnce = 256;
    for (int i = 0; i < kMostAtOnce; ++i) {
      ErrorCode error;
      Socket socket = acceptor_.accept(error);
      if (error == net::error::would_block || error == net::error::try_again) return;
      if (error == net::error::connection_aborted) continue;
      if (error) {  // out of descriptors, say: try again at the next tick instead of at once
        ErrorCode ignored;
        acceptor_.cancel(ignored);  // which pauses it
        return log_failure("accept", error.message());
      }
      adopt(std::move(socket));
    }
  }

  void adopt(Socket socket) {
    if (shared_.connections.load(std::memory_order_relaxed) >= shared_.options.most_connections) {
      ++refused_;
      return;
    }
    ErrorCode ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    Connection& c = connections_.emplace_back(std::move(socket));
    c.self = std::prev(connections_.end());
    shared_.connections.fetch_add(1, std::memory_order_relaxed);
    guarded(c, [&] { read(c); });
  }

  template <class Step>
  void guarded(Connection& c, const Step& step) {
    try {
      step();
    } catch (const std::exception& e) {
      log_failure("connection", e.what());
      forget(c);
    }
  }

  void read(Connection& c) {
    using Doing = Connection::Doing;
    if (draining_) return forget(c);
    const Doing doing = c.conversation.idle() ? Doing::waiting : Doing::reading_head;
    if (doing != c.doing || doing == Doing::waiting)  // a head's time does not begin anew with each byte
      c.deadline = shared_.clock.steady() +
                   (doing == Doing::waiting ? shared_.options.idle_timeout : shared_.options.head_timeout);
    c.doing = doing;
    const auto room = c.conversation.room();
    c.socket.async_read_some(net::buffer(room.data(), room.size()), [this, &c](ErrorCode error, std::size_t bytes) {
      guarded(c, [&] { on_read(c, error, bytes); });
    });
  }

  void on_read(Connection& c, ErrorCode error, std::size_t bytes) {
    if (error) {
      if (!c.timed_out || error != net::error::operation_aborted) return forget(c);
      c.conversation.time_out(*this);
      return write(c);
    }
    c.timed_out = false;
    c.conversation.received(bytes);
    proceed(c);
  }

  void proceed(Connection& c) {
    if (c.conversation.step(*this)) return write(c);
    read(c);
  }

  void write(Connection& c) {
    c.doing = Connection::Doing::writing;
    c.deadline = shared_.clock.steady() + shared_.options.write_timeout;
    const std::string_view body = c.conversation.body();
    const std::array<net::const_buffer, 2> pieces{net::buffer(c.conversation.head()),
                                                  net::buffer(body.data(), body.size())};
    net::async_write(c.socket, pieces, [this, &c](ErrorCode error, std::size_t) {
      guarded(c, [&] {
        if (error) return forget(c);
        if (c.conversation.closes() || draining_) return finish(c);
        proceed(c);
      });
    });
  }

  /// A close with bytes unread resets the connection, which can overtake the reply: read them first.
  void finish(Connection& c) {
    ErrorCode error;
    c.socket.shutdown(Socket::shutdown_send, error);
    if (error || (!c.conversation.leaves_input() && c.socket.available(error) == 0)) return forget(c);
    c.doing = Connection::Doing::lingering;
    c.deadline = shared_.clock.steady() + kLinger;
    linger(c);
  }

  void linger(Connection& c) {
    c.socket.async_read_some(net::buffer(discarded_), [this, &c](ErrorCode error, std::size_t bytes) {
      guarded(c, [&] {
        c.lingered += bytes;
        if (error || c.lingered > kMostLingerBytes) return forget(c);
        linger(c);
      });
    });
  }

  void forget(Connection& c) {
    connections_.erase(c.self);
    shared_.connections.fetch_sub(1, std::memory_order_relaxed);
    if (draining_ && connections_.empty()) timer_.cancel();
  }

  /// One timer for all connections: one each would be set twice per request.
  void tick() {
    const ServerOptions& o = shared_.options;
    const auto least = std::min({o.head_timeout, o.idle_timeout, o.write_timeout, kLinger});
    timer_.expires_after(std::clamp(least / 8, std::chrono::milliseconds(5), std::chrono::milliseconds(500)));
    timer_.async_wait([this](ErrorCode) {
      close_overdue();
      if (accept_paused_ && acceptor_.is_open()) {
        accept_paused_ = false;
        accept();
      }
      if (refused_ > 0)
        log::event("connections_refused", log::Level::warn,
                   {{"count", std::exchange(refused_, 0)}, {"limit", shared_.options.most_connections}});
      if (!draining_ || !connections_.empty()) tick();
    });
  }

  void close_overdue() {
    const SteadyTime now = shared_.clock.steady();
    for (Connection& c : connections_) {
      if (now < c.deadline) continue;
      ErrorCode ignored;
      if (c.doing == Connection::Doing::reading_head) {
        c.timed_out = true;
        c.socket.cancel(ignored);
      } else {
        c.socket.close(ignored);
      }
    }
  }

  void drain() {
    draining_ = true;
    ErrorCode ignored;
    acceptor_.close(ignored);
    for (Connection& c : connections_)
      if (c.doing != Connection::Doing::writing) c.socket.close(ignored);
    if (connections_.empty()) timer_.cancel();
  }

  Shared& shared_;  // borrows; the pool's, outlives its workers
  std::unique_ptr<warehouse::Session> session_;
  Api api_;
  net::io_context io_{1};  // one thread runs it; another only posts
  Acceptor acceptor_{io_};
  Timer timer_{io_};
  std::list<Connection> connections_;
  std::array<char, 16384> discarded_;
  bool draining_ = false, accept_paused_ = false;
  std::int64_t refused_ = 0;
  std::string date_;
  std::chrono::sys_seconds date_of_;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool ended_ = true;    // guarded by mutex_ once the thread runs
  std::jthread thread_;  // last: joined before the rest goes
};

Status check(const ServerOptions& o) {
  if (o.threads < 1 || o.threads > 256)
    return Error{ErrorKind::invalid_input, fmt::format("threads: found {}, expected 1 to 256", o.threads), {}, {}};
  return ok();
}

}  // namespace

class HttpServer::Pool {
 public:
  Pool(const ServerOptions& options, const PublishedSlot& slot, const Clock& clock)
      : shared_{options, slot, clock, {0}} {}
  ~Pool() { stop(); }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  Status start(warehouse::Warehouse& warehouse) {
    MR_TRY(ListenAddress address, parse_listen_address(shared_.options.listen));
    MR_CHECK(require_free(address));
    std::random_device random;
    for (unsigned i = 0; i < shared_.options.threads; ++i) {
      MR_TRY(auto session, warehouse.connect());
      const std::uint64_t seed = std::uint64_t{random()} << 32 | random();
      workers_.push_back(std::make_unique<Worker>(shared_, std::move(session), seed));
    }
    try {
      tcp::endpoint at(net::ip::make_address(address.host), address.port);
      for (const auto& worker : workers_) at.port(worker->listen(at, workers_.size() > 1));
      address.port = at.port();
      for (const auto& worker : workers_) worker->start();
    } catch (const boost::system::system_error& e) {
      return listen_error(address, e.code().value());
    } catch (const std::exception& e) {
      return Error{ErrorKind::unavailable, fmt::format("{}: {}", address.text(), e.what()), {}, {}};
    }
    address_ = address.text();
    log::event("server_started", log::Level::info, {{"address", address_}, {"threads", workers_.size()}});
    return ok();
  }

  void stop() {
    std::call_once(stopped_, [this] {
      for (const auto& worker : workers_) worker->begin_to_stop();
      const SteadyTime deadline = std::chrono::steady_clock::now() + shared_.options.stop_timeout;
      bool in_time = true;
      for (const auto& worker : workers_) {
        if (worker->has_ended_by(deadline)) continue;
        in_time = false;
        worker->abandon();
      }
      if (!address_.empty())
        log::event("server_stopped", log::Level::info, {{"address", address_}, {"all_answered", in_time}});
    });
  }

  [[nodiscard]] const std::string& address() const { return address_; }

 private:
  Shared shared_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::string address_;
  std::once_flag stopped_;
};

HttpServer::HttpServer(std::unique_ptr<Pool> pool) : pool_(std::move(pool)) {}
HttpServer::~HttpServer() = default;
const std::string& HttpServer::address() const { return pool_->address(); }
void HttpServer::stop() { pool_->stop(); }

Result<std::unique_ptr<HttpServer>> HttpServer::start(const ServerOptions& options, warehouse::Warehouse& warehouse,
                                                      const PublishedSlot& slot, const Clock& clock) {
  MR_CHECK(check(options));
  auto pool = std::make_unique<Pool>(options, slot, clock);
  MR_CHECK(pool->start(warehouse));
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(pool)));
}

}  // namespace millrace::serve
