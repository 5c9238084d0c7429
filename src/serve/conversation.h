#pragma once
/// \file serve/conversation.h
/// One HTTP connection without its socket: bytes come in, replies come out, one after the other in
/// the order of their requests. Everything about framing, pipelining and limits is decided here.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "serve/message.h"
#include "serve/request_head.h"
#include "serve/response_head.h"

namespace millrace::serve {

/// What a conversation asks of its server.
class Answers {
 public:
  virtual ~Answers() = default;
  virtual Response answer(const Request& request) = 0;
  virtual std::string_view date() = 0;             ///< as http_date() gives it; read at once
  [[nodiscard]] virtual bool closing() const = 0;  ///< this reply is the connection's last
};

/// Threads: one thread at a time.
class Conversation {
 public:
  /// Where the next bytes are to go; never empty while a request is wanted.
  std::span<char> room();
  void received(std::size_t bytes) { end_ += bytes; }

  /// Answers the next whole request, if there is one. After true: send head() and body(), then
  /// either close (closes()) or call again, because more may have come in the same packet.
  bool step(Answers& answers);

  /// The reply to a client that began a request and does not end it: 408, and close.
  void time_out(Answers& answers);

  [[nodiscard]] const std::string& head() const { return head_; }
  [[nodiscard]] std::string_view body() const;
  [[nodiscard]] bool closes() const { return closes_; }
  /// Bytes of the client's are left that nobody reads: a hard close could cost it the reply.
  [[nodiscard]] bool leaves_input() const { return leaves_input_ || begin_ != end_; }
  [[nodiscard]] bool idle() const { return begin_ == end_; }

 private:
  void answer(const RequestHead& head, Answers& answers);
  void refuse(const Problem& problem, std::string_view instance, Answers& answers);
  void reply(Response response, After after, bool with_body, Answers& answers);

  std::vector<char> buffer_;
  std::size_t begin_ = 0, end_ = 0;  // of what has come and is not read yet
  HeadScan scan_;
  std::string head_;
  Response response_;
  bool with_body_ = true, closes_ = false, leaves_input_ = false;
};

}  // namespace millrace::serve
