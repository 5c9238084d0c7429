#pragma once
/// \file serve/listen_address.h
/// The address to listen on, read strictly: no names are looked up, because what a name leads to
/// may be another interface tomorrow.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace millrace::serve {

struct ListenAddress {
  std::string host;  ///< an IPv4 or IPv6 address without brackets
  std::uint16_t port = 0;

  [[nodiscard]] std::string text() const;  ///< "127.0.0.1:8080", "[::1]:8080"
};

/// "127.0.0.1:8080", "[::1]:8080", "localhost:8080"; port 0: any free one. Errors: invalid_input.
Result<ListenAddress> parse_listen_address(std::string_view text);

}  // namespace millrace::serve
