#include "serve/listen_address.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <optional>
#include <system_error>

#include "base/files.h"
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

template <class Address>
bool can_bind(int fd, const Address& address) {
  return ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
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

Status require_free(const ListenAddress& address) {
  if (address.port == 0) return ok();
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  const bool is_v4 = ::inet_pton(AF_INET, address.host.c_str(), &v4.sin_addr) == 1;
  v4.sin_family = AF_INET;
  v4.sin_port = v6.sin6_port = htons(address.port);
  v6.sin6_family = AF_INET6;
  if (!is_v4) ::inet_pton(AF_INET6, address.host.c_str(), &v6.sin6_addr);
  const Fd probe(::socket(is_v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1;  // connections of an earlier run that have not faded yet are in nobody's way
  if (probe.valid()) ::setsockopt(probe.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (probe.valid() && (is_v4 ? can_bind(probe.get(), v4) : can_bind(probe.get(), v6))) return ok();
  return listen_error(address, errno);
}

Error listen_error(const ListenAddress& address, int errnum) {
  const auto error = [&](ErrorKind kind, std::string_view what, std::string hint) {
    return Error{kind, fmt::format("{}: {}", address.text(), what), std::move(hint), {}};
  };
  switch (errnum) {
    case EADDRINUSE:
      return error(ErrorKind::conflict, "the address is in use",
                   "stop the program that listens there, or choose another port with --listen");
    case EACCES:
      return error(ErrorKind::permission_denied, "this user may not listen there",
                   "choose a port of 1024 or more with --listen");
    case EADDRNOTAVAIL:
      return error(ErrorKind::invalid_input, "no interface of this machine has the address",
                   "choose another one with --listen; 0.0.0.0 means all interfaces");
    default: return error(ErrorKind::unavailable, std::generic_category().message(errnum), {});
  }
}

}  // namespace millrace::serve
