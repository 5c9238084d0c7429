#include "serve/listen_address.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <array>
#include <optional>

#include "base/words.h"

namespace millrace::serve {
namespace {

bool is_address(int family, const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> parsed;
  return ::inet_pton(family, host.c_str(), parsed.data()) == 1;
}

std::optional<std::uint16_t> to_port(std::string_view text) {
  if (text.empty() || text.size() > 5 || text.find_first_not_of("0123456789") != std::string_view::npos)
    return std::nullopt;
  unsigned port = 0;
  for (const char c : text) port = port * 10 + static_cast<unsigned>(c - '0');
  if (port > 65535) return std::nullopt;
  return static_cast<std::uint16_t>(port);
}

}  // namespace

std::string ListenAddress::text() const {
  return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port) : fmt::format("[{}]:{}", host, port);
}

Result<ListenAddress> parse_listen_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  std::string host(text.substr(0, colon));
  const auto port = colon == std::string_view::npos ? std::nullopt : to_port(text.substr(colon + 1));
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (host == "localhost") host = "127.0.0.1";
  if (!port || !is_address(bracketed ? AF_INET6 : AF_INET, host))
    return Error{ErrorKind::invalid_input,
                 fmt::format("listen: found \"{}\", expected an address and a port", printable(text)),
                 "write 127.0.0.1:8080, or 0.0.0.0:8080 for all interfaces, or [::1]:8080",
                 {}};
  return ListenAddress{std::move(host), *port};
}

}  // namespace millrace::serve
