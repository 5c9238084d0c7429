#pragma once
/// \file serve/message.h
/// A request and its response as the API sees them, whatever carries them.

#include <string>
#include <string_view>

namespace millrace::serve {

/// Borrows the transport's buffer; lives during one call.
struct Request {
  std::string_view method = "GET";
  std::string_view target;  ///< origin form, as sent: "/orders/?limit=5"
  std::string_view host = {};
  std::string_view if_none_match = {};  ///< empty: not asked
};

inline constexpr std::string_view kJson = "application/json";
inline constexpr std::string_view kProblemJson = "application/problem+json";

struct Response {
  int status = 200;
  std::string_view content_type = kJson;  ///< one of the constants; empty: there is no content
  std::string headers = {};               ///< further fields, each "Name: value\r\n"
  std::string body = {};                  ///< as for GET: the transport leaves it out after HEAD
};

}  // namespace millrace::serve
