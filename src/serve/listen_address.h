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

/// Whether anybody listens there. To be asked before sockets share the port among themselves, because
/// they would share it with another server, too. Errors: as listen_error().
Status require_free(const ListenAddress& address);

/// The error for an errno of a socket that was to listen: conflict where the address is in use,
/// invalid_input where it is of another machine, permission_denied, unavailable.
Error listen_error(const ListenAddress& address, int errnum);

}  // namespace millrace::serve
