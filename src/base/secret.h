#pragma once
/// \file base/secret.h
/// A value that must never be printed: it has no stream operator and no formatter, so that
/// logging one does not compile (tests/must_not_compile proves it).

#include <string>
#include <utility>

#include "base/result.h"

namespace millrace {

class Secret {
 public:
  explicit Secret(std::string value) : value_(std::move(value)) {}
  ~Secret();
  Secret(const Secret&) = default;
  Secret(Secret&&) noexcept = default;
  Secret& operator=(const Secret&) = default;
  Secret& operator=(Secret&&) noexcept = default;

  /// The value itself; the name is long so that a reviewer stops at it.
  [[nodiscard]] const std::string& reveal_to_the_wire() const { return value_; }
  [[nodiscard]] bool equals(const Secret& other) const;  ///< constant time for equal lengths

 private:
  std::string value_;
};

/// Reads a reference: "env:NAME" or "file:/path". A bare value is refused, so that no secret
/// can live in a project file. Errors: invalid_input, not_found; neither quotes the value.
Result<Secret> read_secret(const std::string& reference);

}  // namespace millrace
