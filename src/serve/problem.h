#pragma once
/// \file serve/problem.h
/// Errors as clients see them. Source: RFC 9457 (problem details), RFC 9110 section 15 (statuses).

#include <string>
#include <string_view>

#include "serve/message.h"

namespace millrace::serve {

/// `code` is what programs may compare; it stays when the words of `detail` change.
/// Nothing of SQL, files or the machine belongs into `detail`.
struct Problem {
  int status = 500;
  std::string code;    ///< snake_case
  std::string detail;  ///< where, what was found, what was expected
};

/// "Not Found"; "" for a status that this server never sends.
std::string_view reason_phrase(int status);

/// `instance` is the target as sent, or empty where none could be read.
Response to_response(const Problem& problem, std::string_view instance);

}  // namespace millrace::serve
