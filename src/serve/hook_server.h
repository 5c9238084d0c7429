#pragma once
/// \file serve/hook_server.h
/// A small HTTP server that others push messages to: POST with a token, one answer each, nothing kept.
/// One thread. HTTP/1.1 without TLS: put a proxy in front where the network is not trusted.

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/secret.h"

namespace millrace::serve {

struct HookOptions {
  std::string listen = "127.0.0.1:0";  ///< as parse_listen_address takes it; port 0: any free one
  std::size_t most_body_bytes = 1U << 20;
  std::size_t most_connections = 128;                 ///< further ones are closed at once
  std::chrono::milliseconds request_timeout{10'000};  ///< from the first byte of a request to the end of its answer
  std::chrono::milliseconds idle_timeout{60'000};     ///< between requests
};

/// Threads: stop() and address() from any.
class HookServer {
 public:
  /// `take` is called on the server's thread with each body whose sender knew the token, as ?token=… or as
  /// "Authorization: Bearer …". Its invalid_input is answered 400, any other error 503, success 200; without the
  /// token 403, another method 405, a longer body 413.
  /// Errors: invalid_input, conflict where the address is in use, permission_denied, unavailable.
  static Result<std::unique_ptr<HookServer>> start(const HookOptions& options, Secret token,
                                                   std::function<Status(std::string_view body)> take);
  ~HookServer();  ///< as stop()
  HookServer(const HookServer&) = delete;
  HookServer& operator=(const HookServer&) = delete;

  [[nodiscard]] const std::string& address() const;  ///< "127.0.0.1:9000", with the real port
  /// Closes everything and returns when the thread has ended. May be repeated.
  void stop();

 private:
  class Loop;
  explicit HookServer(std::unique_ptr<Loop> loop);
  std::unique_ptr<Loop> loop_;
};

}  // namespace millrace::serve
