#pragma once
/// \file serve/request_head.h
/// The head of an HTTP/1.1 request. Whatever two readers could understand in two ways is refused,
/// because a proxy in front of us may be the other reader.
/// Source: RFC 9112 (framing, request smuggling: section 11.2), RFC 9110 section 7.2 (Host).

#include <cstddef>
#include <string_view>
#include <variant>

#include "serve/message.h"
#include "serve/problem.h"

namespace millrace::serve {

inline constexpr std::size_t kMostHeadBytes = 16U << 10;
inline constexpr std::size_t kMostTargetBytes = 8U << 10;
inline constexpr std::size_t kMostFields = 100;
inline constexpr std::size_t kMostBodyBytes = 1U << 20;

/// Finds the end of a head while it arrives, looking at each byte once.
class HeadScan {
 public:
  /// Bytes of the head with its blank line; 0: more must come. A problem ends the connection.
  /// Requires: `bytes` begins with the same bytes as at the last call.
  std::variant<std::size_t, Problem> scan(std::string_view bytes);

 private:
  std::size_t line_ = 0;     // where the current line begins
  std::size_t checked_ = 0;  // no line end before this
  std::size_t lines_ = 0;
};

struct RequestHead {
  Request request;
  bool http_1_0 = false;
  bool keep_alive = false;
  bool has_body = false;  ///< announced; this server reads none
};

/// Requires: a head as HeadScan found it, which the result borrows.
/// Errors: a problem after which the framing is not to be trusted: answer it and close.
std::variant<RequestHead, Problem> parse_head(std::string_view head);

}  // namespace millrace::serve
