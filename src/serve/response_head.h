#pragma once
/// \file serve/response_head.h
/// The head of a response, written by hand into one string: a general serialiser costs a third of
/// the throughput (measured with Beast's). Source: RFC 9110, RFC 9112.

#include <string>
#include <string_view>

#include "base/clock.h"
#include "serve/message.h"

namespace millrace::serve {

enum class After : std::uint8_t {
  keep,           ///< HTTP/1.1 goes on without a word
  keep_http_1_0,  ///< HTTP/1.0 wants to be told
  close,
};

/// Appends status line, fields and the blank line. `date` as http_date() gives it.
void append_head(std::string& out, const Response& response, std::string_view date, After after);

/// "Thu, 12 Jul 2018 17:33:04 GMT". Source: RFC 9110 section 5.6.7.
std::string http_date(WallTime time);

}  // namespace millrace::serve
