#pragma once
/// \file net/http.h
/// One HTTP exchange as everything above sees it. No redirect is followed, no answer is believed before all of
/// its bytes are there, and nothing is repeated: whoever calls decides what may be sent again (net/retry.h).

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace millrace::net {

struct Header {
  std::string name, value;
};
using Headers = std::vector<Header>;

/// The value of the first header `name`, upper and lower case alike; nullptr: there is none.
const std::string* find_header(const Headers& headers, std::string_view name);
/// Replaces every header `name` by one, or adds it.
void set_header(Headers& headers, std::string_view name, std::string value);
void remove_header(Headers& headers, std::string_view name);

/// A request body that is too large for memory. Threads: the one that calls send().
class BodySource {
 public:
  virtual ~BodySource() = default;
  [[nodiscard]] virtual std::uint64_t size_bytes() const = 0;  ///< known beforehand and exact
  /// Fills `into` as far as it can; 0 only at the end. An error ends the exchange and is what send() returns.
  virtual Result<std::size_t> read(std::span<char> into) = 0;
  /// Back to the first byte: send() calls it before it reads, and once more when a kept connection turns out dead.
  virtual Status rewind() = 0;
};

/// Zero means: no such limit.
struct Deadlines {
  std::chrono::milliseconds connect{5'000};      ///< name lookup, TCP and TLS
  std::chrono::milliseconds first_byte{60'000};  ///< from the end of the request's body to the first byte of the answer
  std::chrono::milliseconds stall{30'000};       ///< so long without a byte in either direction, once bytes flow
  std::chrono::milliseconds total{0};            ///< the whole exchange
};

/// What became of the request, filled in whatever send() returns.
struct SendFacts {
  bool sent = false;             ///< bytes of the request may have reached the other side: it may have acted
  bool repeated = false;         ///< sent a second time, because a kept connection turned out dead
  int status = 0;                ///< of the answer's head; 0: no head came
  std::uint64_t body_bytes = 0;  ///< of the answer, received
  bool timed_out = false;        ///< one of the deadlines passed
};

struct HttpRequest {
  std::string method = "GET";
  std::string url;               ///< http or https, encoded; sent as it stands ("a/../b" is not folded)
  Headers headers = {};          ///< Content-Length is the transport's business, one given here is not sent
  std::string_view body = {};    ///< borrows; used where `source` is null
  BodySource* source = nullptr;  ///< borrows
  Deadlines deadlines = {};
  std::stop_token stop = {};                ///< ends the exchange with `cancelled`
  bool fresh_connection = false;            ///< do not use a kept one: for a retry
  bool direct = false;                      ///< never through a proxy: for addresses of this machine
  SendFacts* facts = nullptr;               ///< borrows; may be null
  std::uint64_t max_body_bytes = 64 << 20;  ///< of an answer kept in memory; a longer one is refused
};

struct HttpResponse {
  int status = 0;
  Headers headers = {};   ///< in the order they came
  std::string body = {};  ///< empty where a sink took it

  /// Upper and lower case alike; nullptr: there is none.
  [[nodiscard]] const std::string* find(std::string_view name) const { return find_header(headers, name); }
  [[nodiscard]] bool ok() const { return status >= 200 && status < 300; }
};

/// Takes an answer's body as it comes. Threads: the one that calls send().
class BodySink {
 public:
  virtual ~BodySink() = default;
  /// Told status and headers before the first byte. False: the body (an error document, say) goes to
  /// HttpResponse::body instead. An error ends the exchange and is what send() returns.
  virtual Result<bool> begin(const HttpResponse& head) = 0;
  /// An error ends the exchange and is what send() returns.
  virtual Status write(std::span<const char> bytes) = 0;
};

/// Threads: safe to share.
class HttpTransport {
 public:
  virtual ~HttpTransport() = default;

  /// One exchange; every status is an answer, also 503. `sink` may be null: the body is kept in memory.
  /// A success means that the body is as long as Content-Length said.
  /// Errors: unavailable (refused, reset, a deadline of connect, first byte or stall, a short body), deadline_exceeded
  /// (the total), invalid_input (a bad URL, a certificate that does not verify), cancelled, what source or sink
  /// returned. HttpRequest::facts says whether the other side may have acted all the same.
  virtual Result<HttpResponse> send(const HttpRequest& request, BodySink* sink) = 0;
  Result<HttpResponse> send(const HttpRequest& request) { return send(request, nullptr); }
};

}  // namespace millrace::net
