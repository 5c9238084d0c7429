#pragma once
/// \file base/error.h
/// The one error type of Millrace: what happened, where, and what the reader can do.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace millrace {

/// What the caller can do about it, not where it came from.
enum class ErrorKind : std::uint8_t {
  invalid_input,       ///< the user must change a file, flag or request
  contract_violation,  ///< the data broke its contract; loading again changes nothing
  not_found,
  permission_denied,
  conflict,     ///< somebody else moved first; read again, then decide
  unavailable,  ///< the other side did not do it; safe to retry
  deadline_exceeded,
  commit_unknown,  ///< it may or may not have happened; settle, never retry blindly
  unsupported,
  cancelled,
  internal,  ///< a bug in Millrace
};

/// The kind as users see it in logs and JSON: "invalid_input".
std::string_view name_of(ErrorKind kind);

struct Error {
  ErrorKind kind = ErrorKind::internal;
  std::string message;             ///< one sentence: where, what was found, what was expected
  std::string hint;                ///< next step for the reader; may be empty
  std::vector<std::string> trail;  ///< innermost first: "loading landing/a.csv", "run 17"

  /// Adds one step of context on the way up.
  [[nodiscard]] Error within(std::string step) &&;
  [[nodiscard]] bool retryable() const { return kind == ErrorKind::unavailable; }
};

}  // namespace millrace
