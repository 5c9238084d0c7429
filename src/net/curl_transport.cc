#include "net/curl_transport.h"

#include <unistd.h>

#include <map>
#include <mutex>

#include <fmt/format.h>

#include "base/failpoint.h"
#include "net/curl_exchange.h"

namespace millrace::net {
namespace {

/// "https://host:443", which is what a kept connection belongs to.
std::string origin_of(const std::string& url) {
  const std::size_t host = url.find("://");
  return url.substr(0, host == url.npos ? host : url.find_first_of("/?#", host + 3));
}

/// Idle handles by origin; each keeps the connection it has used last.
class CurlTransport final : public HttpTransport {
 public:
  explicit CurlTransport(CurlOptions options) : options_(std::move(options)) {}

  Result<HttpResponse> send(const HttpRequest& request, BodySink* sink) override {
    if (request.facts != nullptr) *request.facts = {};
    MR_FAILPOINT("net.send.before");
    const std::string origin = origin_of(request.url);
    EasyHandle easy = take(origin);
    if (!easy) return Error{ErrorKind::internal, "libcurl gave no handle", {}, {}};
    CurlExchange exchange(options_, request, sink);
    auto answer = exchange.run(easy.get());
    if (request.facts != nullptr) *request.facts = exchange.facts();
    if (answer) keep(origin, std::move(easy));
    MR_FAILPOINT("net.send.after");
    return answer;
  }

 private:
  EasyHandle take(const std::string& origin) {
    {
      const std::scoped_lock lock(mutex_);
      if (const auto it = idle_.find(origin); it != idle_.end()) {
        EasyHandle easy = std::move(it->second);
        idle_.erase(it);
        curl_easy_reset(easy.get());  // options only: the connection stays
        return easy;
      }
    }
    return EasyHandle(curl_easy_init());
  }

  void keep(const std::string& origin, EasyHandle easy) {
    curl_easy_reset(easy.get());  // nothing of the exchange is borrowed any more
    const std::scoped_lock lock(mutex_);
    if (idle_.size() >= options_.most_idle_connections) {
      if (idle_.empty()) return;
      idle_.erase(idle_.begin());
    }
    idle_.emplace(origin, std::move(easy));
  }

  const CurlOptions options_;
  std::mutex mutex_;
  std::multimap<std::string, EasyHandle> idle_;
};

}  // namespace

Result<std::unique_ptr<HttpTransport>> make_curl_transport(const CurlOptions& options) {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (started != CURLE_OK) {
    return Error{ErrorKind::internal, fmt::format("libcurl did not start: {}", curl_easy_strerror(started)), {}, {}};
  }
  if (!options.ca_file.empty() && access(options.ca_file.c_str(), R_OK) != 0) {
    return Error{ErrorKind::invalid_input,
                 fmt::format("ca_file {} cannot be read", options.ca_file.string()),
                 "name a file of certificates in PEM form",
                 {}};
  }
  return std::unique_ptr<HttpTransport>(std::make_unique<CurlTransport>(options));
}

}  // namespace millrace::net
