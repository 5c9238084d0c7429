#include "base/error.h"

#include <array>
#include <utility>

namespace millrace {

std::string_view name_of(ErrorKind kind) {
  static constexpr std::array<std::string_view, 11> kNames{
      "invalid_input",     "contract_violation", "not_found",   "permission_denied", "conflict", "unavailable",
      "deadline_exceeded", "commit_unknown",     "unsupported", "cancelled",         "internal"};
  return kNames[static_cast<std::size_t>(kind)];
}

Error Error::within(std::string step) && {
  trail.push_back(std::move(step));
  return std::move(*this);
}

}  // namespace millrace
