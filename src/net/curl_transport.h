#pragma once
/// \file net/curl_transport.h
/// HTTP/1.1 over libcurl: kept connections, TLS verified, no redirect followed, no "Expect: 100-continue".

#include <filesystem>
#include <memory>
#include <string>

#include "net/http.h"

namespace millrace::net {

struct CurlOptions {
  std::filesystem::path ca_file = {};  ///< PEM; empty: the system's certificates
  std::string user_agent = "millrace";
  std::size_t most_idle_connections = 32;  ///< kept for the next request; more are closed after use
  bool use_proxy_of_environment = true;    ///< https_proxy and the like; false: never a proxy
};

/// Failpoints: net.send.before (nothing was sent), net.send.after (the answer is lost).
/// Errors: invalid_input where `ca_file` cannot be read; internal where libcurl cannot start.
Result<std::unique_ptr<HttpTransport>> make_curl_transport(const CurlOptions& options = {});

}  // namespace millrace::net
