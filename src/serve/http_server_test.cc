#include "serve/http_server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <future>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "base/files.h"
#include "base/log.h"
#include "warehouse/duckdb/database.h"

namespace millrace::serve {
namespace {

using std::chrono::milliseconds;

/// A client without a library, so that a test can send anything. Gives up after ten seconds.
class Client {
 public:
  explicit Client(const std::string& address, const std::function<void(int fd)>& before_connect = {})
      : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(address.find(':') + 1))));
    ::inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
    const timeval ten{10, 0};
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &ten, sizeof ten);
    if (before_connect) before_connect(fd_.get());
    EXPECT_EQ(::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
  }
  void send(std::string_view bytes) {
    EXPECT_EQ(::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
  }
  void get(std::string_view target, std::string_view fields = "") {
    send("GET " + std::string(target) + " HTTP/1.1\r\nHost: h\r\n" + std::string(fields) + "\r\n");
  }
  void end_sending() { ::shutdown(fd_.get(), SHUT_WR); }

  /// The next reply: head, and the content that its length announces. "" where the server closed.
  std::string reply(bool with_content = true) {
    std::size_t end = 0;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos)
      if (!more()) return std::exchange(buffer_, {});
    end += 4;
    const std::size_t length = buffer_.find("Content-Length: ");
    if (with_content && length < end) end += std::stoul(buffer_.substr(length + 16));
    while (buffer_.size() < end)
      if (!more()) return "cut: " + std::exchange(buffer_, {});
    std::string out = buffer_.substr(0, end);
    buffer_.erase(0, end);
    return out;
  }
  std::string status() { return reply().substr(9, 3); }
  bool closed() { return buffer_.empty() && !more(); }

 private:
  bool more() {
    char bytes[65536];
    const ssize_t n = ::recv(fd_.get(), bytes, sizeof bytes, 0);
    if (n > 0) buffer_.append(bytes, static_cast<std::size_t>(n));
    return n > 0;
  }
  Fd fd_;
  std::string buffer_;
};

std::string content_of(const std::string& reply) {
  const std::size_t end = reply.find("\r\n\r\n");
  return end == std::string::npos ? "" : reply.substr(end + 4);
}

std::string field_of(const std::string& reply, const std::string& name) {
  const std::size_t at = reply.find("\r\n" + name + ": ");
  if (at == std::string::npos) return "";
  const std::size_t from = at + name.size() + 4;
  return reply.substr(from, reply.find("\r\n", from) - from);
}

struct HttpServerTest : ::testing::Test {
  HttpServerTest() : db(*warehouse::duckdb::open({":memory:", 2, {}})), setup(*db->connect()) {
    EXPECT_TRUE(setup->commit({"setup", {{"schema", "CREATE SCHEMA millrace_serve"}}}));
    options.listen = "127.0.0.1:0";
  }
  /// A table whose rows all carry their generation.
  std::shared_ptr<const Published> publish(std::int64_t generation, std::int64_t rows) {
    const std::string table = "millrace_serve.g" + std::to_string(generation) + "_orders";
    EXPECT_TRUE(setup->commit(
        {"publish",
         {{"table", "CREATE TABLE " + table + " AS SELECT i AS _mr_row, i AS order_id, " + std::to_string(generation) +
                        "::BIGINT AS generation FROM range(" + std::to_string(rows) + ") r(i) ORDER BY 1"}}}));
    return std::make_shared<const Published>(
        Published{generation,
                  {},
                  {{{"/orders/", "gold.v_orders", "order_id"},
                    table,
                    {{"order_id", {TypeKind::int64}}, {"generation", {TypeKind::int64}}},
                    0,
                    rows}}});
  }
  std::unique_ptr<HttpServer> start(warehouse::Warehouse& warehouse) {
    auto server = HttpServer::start(options, warehouse, slot);
    EXPECT_TRUE(server) << server.error().message;
    return *std::move(server);
  }

  ServerOptions options;
  PublishedSlot slot;
  std::unique_ptr<warehouse::Warehouse> db;
  std::unique_ptr<warehouse::Session> setup;
};

TEST_F(HttpServerTest, one_connection_serves_many_requests) {
  slot.set(publish(7, 3));
  const auto server = start(*db);
  Client client(server->address());

  for (int i = 0; i < 3; ++i) {
    client.get("/orders/" + std::to_string(i));
    const std::string reply = client.reply();
    EXPECT_TRUE(reply.starts_with("HTTP/1.1 200 OK\r\nDate: ")) << reply;
    EXPECT_EQ(content_of(reply), "{\"order_id\":" + std::to_string(i) + ",\"generation\":7}");
    EXPECT_EQ(field_of(reply, "X-Millrace-Generation"), "7");
    EXPECT_EQ(field_of(reply, "Cache-Control"), "no-cache");
    EXPECT_EQ(field_of(reply, "X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(field_of(reply, "Content-Type"), "application/json");
  }
}

TEST_F(HttpServerTest, requests_sent_in_one_write_are_answered_in_order) {
  slot.set(publish(7, 100));
  const auto server = start(*db);
  Client client(server->address());
  std::string many;
  for (int i = 0; i < 100; ++i) many += "GET /orders/" + std::to_string(i) + " HTTP/1.1\r\nHost: h\r\n\r\n";

  client.send(many);

  for (int i = 0; i < 100; ++i)
    ASSERT_EQ(content_of(client.reply()), "{\"order_id\":" + std::to_string(i) + ",\"generation\":7}");
}

TEST_F(HttpServerTest, head_and_304_have_no_content_and_the_connection_goes_on) {
  slot.set(publish(7, 3));
  const auto server = start(*db);
  Client client(server->address());

  client.send("HEAD /orders/1 HTTP/1.1\r\nHost: h\r\n\r\n");
  const std::string head = client.reply(false);
  client.get("/orders/1", "If-None-Match: " + field_of(head, "ETag") + "\r\n");
  const std::string unchanged = client.reply();
  client.get("/orders/1");
  const std::string whole = client.reply();

  EXPECT_TRUE(unchanged.starts_with("HTTP/1.1 304 Not Modified\r\n")) << unchanged;
  EXPECT_TRUE(unchanged.ends_with("\r\n\r\n"));
  EXPECT_EQ(field_of(whole, "ETag"), field_of(head, "ETag"));
  EXPECT_EQ(field_of(head, "Content-Length"), std::to_string(content_of(whole).size()));
}

TEST_F(HttpServerTest, mistakes_have_their_status_and_only_broken_framing_ends_the_connection) {
  slot.set(publish(7, 3));
  const auto server = start(*db);
  Client client(server->address());

  client.get("/nothing");
  EXPECT_EQ(client.status(), "404");
  client.get("/orders/?limit=x");
  EXPECT_EQ(client.status(), "400");
  client.send("DELETE /orders/1 HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(client.status(), "405");
  client.get("/orders/" + std::string(9000, '1'));
  EXPECT_EQ(client.status(), "414");
  EXPECT_TRUE(client.closed());

  Client other(server->address());
  other.get("/", "X: " + std::string(20'000, 'x') + "\r\n");
  EXPECT_EQ(other.status(), "431");
  EXPECT_TRUE(other.closed());
}

TEST_F(HttpServerTest, a_large_content_that_nobody_reads_does_not_cost_the_client_its_reply) {
  const auto server = start(*db);
  Client client(server->address());

  client.send("POST /orders/ HTTP/1.1\r\nHost: h\r\nContent-Length: 900000\r\n\r\n");
  client.send(std::string(900'000, 'x'));
  client.end_sending();

  EXPECT_EQ(client.status(), "405");
  EXPECT_TRUE(client.closed());
}

TEST_F(HttpServerTest, a_client_that_leaves_in_the_middle_harms_nobody) {
  slot.set(publish(7, 3));
  options.threads = 1;
  const auto server = start(*db);
  for (int i = 0; i < 20; ++i) {
    Client leaver(server->address());
    leaver.send("GET /orders/1 HTTP/1.1\r\nHo");
  }
  for (int i = 0; i < 20; ++i) Client(server->address()).get("/orders/");

  Client client(server->address());
  client.get("/healthz");
  EXPECT_EQ(client.status(), "200");
}

TEST_F(HttpServerTest, a_head_that_does_not_end_is_408_and_an_idle_connection_is_closed) {
  options.head_timeout = milliseconds(50);
  options.idle_timeout = milliseconds(100);
  const auto server = start(*db);
  Client slow(server->address()), idle(server->address());

  slow.send("GET / HTTP/1.1\r\nHost:");

  EXPECT_EQ(slow.status(), "408");
  EXPECT_TRUE(slow.closed());
  EXPECT_TRUE(idle.closed());
}

TEST_F(HttpServerTest, two_hundred_connections_are_served_at_once) {
  slot.set(publish(7, 300));
  const auto server = start(*db);
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 200; ++i) clients.push_back(std::make_unique<Client>(server->address()));

  for (int round = 0; round < 2; ++round) {
    for (std::size_t i = 0; i < clients.size(); ++i) clients[i]->get("/orders/" + std::to_string(i));
    for (std::size_t i = 0; i < clients.size(); ++i)
      ASSERT_EQ(content_of(clients[i]->reply()), "{\"order_id\":" + std::to_string(i) + ",\"generation\":7}");
  }
}

TEST_F(HttpServerTest, connections_above_the_limit_are_closed_and_the_others_stay) {
  options.most_connections = 2;
  options.threads = 1;
  const auto server = start(*db);
  Client a(server->address()), b(server->address());
  a.get("/healthz");
  b.get("/healthz");
  EXPECT_EQ(a.status() + b.status(), "200200");

  Client c(server->address());

  EXPECT_TRUE(c.closed());
  a.get("/healthz");
  EXPECT_EQ(a.status(), "200");
}

/// Tells when an event has been logged.
struct EventWatch final : log::Sink {
  explicit EventWatch(std::string n) : name(std::move(n)) {
    log::configure(log::Level::info, log::Format::human, system_clock(), this);
  }
  ~EventWatch() override { log::configure(log::Level::info, log::Format::human, system_clock()); }
  void line(std::string_view text) override {
    if (text.find(name) == std::string_view::npos) return;
    const std::lock_guard lock(mutex);
    seen = true;
    changed.notify_all();
  }
  void wait() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return seen; });
  }
  std::string name;
  std::mutex mutex;
  std::condition_variable changed;
  bool seen = false;
};

TEST_F(HttpServerTest, out_of_descriptors_is_a_pause_and_not_the_end) {
  options.threads = 1;
  options.idle_timeout = milliseconds(1000);
  const auto server = start(*db);
  EventWatch refused("connection_failed where=accept");
  log::event("test_started", log::Level::info, {});  // UBSan looks at a new class of object through a pipe of its own
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  // The client's own is the lowest that was free: with it as the last one, there is none for the server.
  const auto use_up = [&](int fd) {
    const rlimit now{static_cast<rlim_t>(fd) + 1, before.rlim_max};
    EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &now), 0);
  };

  Client client(server->address(), use_up);
  client.get("/healthz");
  refused.wait();
  EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);

  EXPECT_EQ(client.status(), "200");
}

TEST_F(HttpServerTest, an_answer_never_mixes_generations_while_they_are_swapped) {
  constexpr std::int64_t kLast = 12;
  slot.set(publish(1, 401));
  const auto server = start(*db);
  std::atomic<bool> published_all = false;
  const auto reader = [&](int wanted) {
    Client client(server->address());
    std::int64_t newest = 0;
    for (int after = 0; after < 20; after += published_all ? 1 : 0) {
      client.get(wanted == 0 ? "/orders/?limit=10000" : "/orders/" + std::to_string(wanted));
      const std::string reply = client.reply(), content = content_of(reply);
      const std::string generation = field_of(reply, "X-Millrace-Generation");
      const std::int64_t number = std::stoll("0" + generation);
      std::size_t rows = 0, same = 0;
      const std::string mine = "\"generation\":" + generation + "}";
      for (std::size_t at = 0; (at = content.find("\"generation\":", at)) != std::string::npos; ++at, ++rows)
        same += content.compare(at, mine.size(), mine) == 0 ? 1 : 0;
      // Generation g has 400 + g rows.
      const std::size_t expected = wanted == 0 ? static_cast<std::size_t>(400 + number) : 1;
      if (rows != expected || same != rows || number < newest) return "mixed: " + reply.substr(0, 400);
      newest = number;
    }
    return newest == kLast ? std::string("good") : "never saw the last one";
  };
  std::vector<std::future<std::string>> readers;
  for (const int wanted : {0, 0, 5, 77}) readers.push_back(std::async(std::launch::async, reader, wanted));

  for (std::int64_t g = 2; g <= kLast; ++g) slot.set(publish(g, 400 + g));
  published_all = true;

  for (auto& r : readers) EXPECT_EQ(r.get(), "good");
}

TEST_F(HttpServerTest, an_address_in_use_is_named) {
  const auto server = start(*db);
  options.listen = server->address();

  const auto second = HttpServer::start(options, *db, slot);

  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::conflict);
  EXPECT_EQ(second.error().message, server->address() + ": the address is in use");
  EXPECT_NE(second.error().hint.find("--listen"), std::string::npos);
}

TEST_F(HttpServerTest, options_that_make_no_sense_are_refused) {
  options.listen = "example.org:80";
  EXPECT_EQ(HttpServer::start(options, *db, slot).error().kind, ErrorKind::invalid_input);
  options.listen = "192.0.2.1:0";
  EXPECT_EQ(HttpServer::start(options, *db, slot).error().message,
            "192.0.2.1:0: no interface of this machine has the address");
  options = {};
  options.threads = 0;
  EXPECT_EQ(HttpServer::start(options, *db, slot).error().kind, ErrorKind::invalid_input);
}

/// An engine whose queries do what the test says.
struct ScriptedWarehouse final : warehouse::Warehouse {
  struct Scripted final : warehouse::Session {
    explicit Scripted(ScriptedWarehouse& o) : owner(o) {}
    Result<warehouse::Rows> query(const warehouse::Statement&) override { return warehouse::Rows{}; }
    Status read(const warehouse::Statement&, const warehouse::BatchSink&) override { return owner.on_read(); }
    Status commit(const warehouse::Batch&) override { return ok(); }
    Status transact(const std::string&, const std::function<Status()>& work) override { return work(); }
    Result<std::vector<Column>> columns_of(const std::string&) override { return std::vector<Column>{}; }
    Result<warehouse::RelationKind> kind_of(const warehouse::RelationName&) override {
      return warehouse::RelationKind::none;
    }
    void interrupt() override { owner.release("interrupted"); }
    [[nodiscard]] const warehouse::Dialect& dialect() const override { return owner.standard; }
    ScriptedWarehouse& owner;
  };
  struct Standard final : warehouse::StandardDialect {
    [[nodiscard]] std::string_view name() const override { return "scripted"; }
  };
  Result<std::unique_ptr<warehouse::Session>> connect() override {
    return std::unique_ptr<warehouse::Session>(std::make_unique<Scripted>(*this));
  }
  [[nodiscard]] std::string engine() const override { return "scripted"; }

  /// Makes reads wait, until they are released: with no rows, or as cancelled.
  Status wait_inside() {
    std::unique_lock lock(mutex);
    inside = true;
    changed.notify_all();
    changed.wait(lock, [this] { return !released.empty(); });
    if (released == "interrupted") return Error{ErrorKind::cancelled, "interrupted", {}, {}};
    return ok();
  }
  void wait_until_inside() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return inside; });
  }
  void release(const std::string& how) {
    const std::lock_guard lock(mutex);
    released = how;
    changed.notify_all();
  }

  std::function<Status()> on_read;
  Standard standard;
  std::mutex mutex;
  std::condition_variable changed;
  bool inside = false;
  std::string released;
};

struct ScriptedServerTest : HttpServerTest {
  ScriptedServerTest() {
    slot.set(std::make_shared<const Published>(
        Published{1, {}, {{{"/orders/", "gold.v_orders", "order_id"}, "t", {{"order_id", {TypeKind::int64}}}, 0, 1}}}));
    options.threads = 1;
  }
  ScriptedWarehouse engine;
};

TEST_F(ScriptedServerTest, a_handler_that_throws_is_500_and_the_server_goes_on) {
  engine.on_read = []() -> Status { throw std::runtime_error("secret words"); };
  const auto server = start(engine);
  Client client(server->address());

  client.get("/orders/1");
  const std::string reply = client.reply();
  client.get("/healthz");

  EXPECT_TRUE(reply.starts_with("HTTP/1.1 500 ")) << reply;
  EXPECT_EQ(reply.find("secret words"), std::string::npos);
  EXPECT_EQ(client.status(), "200");
}

TEST_F(ScriptedServerTest, stop_lets_the_running_request_end_and_accepts_no_other) {
  engine.on_read = [this] { return engine.wait_inside(); };
  const auto server = start(engine);
  Client running(server->address()), idle(server->address());
  idle.get("/healthz");
  EXPECT_EQ(idle.status(), "200");
  running.get("/orders/1");
  engine.wait_until_inside();

  auto stopped = std::async(std::launch::async, [&] { server->stop(); });
  EXPECT_EQ(stopped.wait_for(milliseconds(50)), std::future_status::timeout);
  engine.release("no rows");

  EXPECT_EQ(running.status(), "404");
  EXPECT_TRUE(running.closed());
  EXPECT_TRUE(idle.closed());
  stopped.get();
  server->stop();  // again: nothing happens
}

TEST_F(ScriptedServerTest, a_request_that_does_not_end_in_time_is_interrupted) {
  options.stop_timeout = milliseconds(50);
  engine.on_read = [this] { return engine.wait_inside(); };
  const auto server = start(engine);
  Client running(server->address());
  running.get("/orders/1");
  engine.wait_until_inside();

  server->stop();

  EXPECT_EQ(running.status(), "503");
}

TEST_F(ScriptedServerTest, a_session_that_cannot_be_had_is_an_error_of_start) {
  struct Refusing final : warehouse::Warehouse {
    Result<std::unique_ptr<warehouse::Session>> connect() override {
      return Error{ErrorKind::unavailable, "no more sessions", {}, {}};
    }
    [[nodiscard]] std::string engine() const override { return "refusing"; }
  } refusing;

  EXPECT_EQ(HttpServer::start(options, refusing, slot).error().message, "no more sessions");
}

}  // namespace
}  // namespace millrace::serve
