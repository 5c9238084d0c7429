#pragma once
/// \file serve/http_server.h
/// The HTTP server: one event loop, one acceptor and one session per thread, nothing shared between
/// them but the published generation. A slow client costs its buffer, never a thread; a slow query
/// delays the other clients of its thread.
///
/// HTTP/1.1 without TLS: put a proxy in front where the network is not trusted.

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "serve/published.h"
#include "warehouse/session.h"

namespace millrace::serve {

struct ServerOptions {
  std::string listen = "127.0.0.1:8080";            ///< as parse_listen_address takes it; port 0: any free one
  unsigned threads = 2;                             ///< 1 to 256
  std::size_t most_connections = 10'000;            ///< further ones are closed at once
  std::chrono::milliseconds head_timeout{10'000};   ///< from the first byte of a request to its last
  std::chrono::milliseconds idle_timeout{30'000};   ///< between requests
  std::chrono::milliseconds write_timeout{30'000};  ///< for a whole response
  std::chrono::milliseconds stop_timeout{5'000};    ///< for the requests that run when stop() is called
};

/// Threads: stop() and address() from any.
class HttpServer {
 public:
  /// Listens and answers from then on. Borrows slot and clock; they and the warehouse outlive the server.
  /// Errors: invalid_input for options that make no sense, conflict where the address is in use,
  /// permission_denied, unavailable; those of the warehouse's connect().
  static Result<std::unique_ptr<HttpServer>> start(const ServerOptions& options, warehouse::Warehouse& warehouse,
                                                   const PublishedSlot& slot, const Clock& clock = system_clock());
  ~HttpServer();  ///< as stop()
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  [[nodiscard]] const std::string& address() const;  ///< "127.0.0.1:8080", with the real port

  /// Accepts nothing more, closes idle connections, lets running requests end; queries that still
  /// run after stop_timeout are interrupted. Returns when all threads have ended. May be repeated.
  void stop();

 private:
  class Pool;
  explicit HttpServer(std::unique_ptr<Pool> pool);
  std::unique_ptr<Pool> pool_;
};

}  // namespace millrace::serve
