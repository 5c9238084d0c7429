#pragma once
/// \file net/transport_for_tests.h
#include <span>
#include <string>

#include "net/curl_transport.h"
#include "testing/loopback_server.h"

namespace millrace::net {

using testing::LoopbackServer;
using Then = LoopbackServer::Then;

inline std::unique_ptr<HttpTransport> transport_of(const CurlOptions& options = {"", "millrace/test", 32, false}) {
  auto made = make_curl_transport(options);
  return *std::move(made);
}

/// A body from memory, in pieces, counting how often it is rewound.
class TextSource final : public BodySource {
 public:
  explicit TextSource(std::string text, std::size_t missing = 0) : text_(std::move(text)), missing_(missing) {}
  [[nodiscard]] std::uint64_t size_bytes() const override { return text_.size() + missing_; }
  Result<std::size_t> read(std::span<char> into) override {
    const std::size_t count = std::min({into.size(), text_.size() - at_, std::size_t{10'000}});
    std::copy_n(text_.data() + at_, count, into.data());
    at_ += count;
    return count;
  }
  Status rewind() override {
    ++rewinds;
    at_ = 0;
    return ok();
  }
  int rewinds = 0;

 private:
  std::string text_;
  std::size_t missing_, at_ = 0;
};

/// Keeps what it is given.
class TextSink final : public BodySink {
 public:
  Result<bool> begin(const HttpResponse& head) override {
    status = head.status;
    headers = head.headers;
    return takes;
  }
  Status write(std::span<const char> bytes) override {
    if (refuses) return Error{ErrorKind::conflict, "the sink is full", {}, {}};
    text.append(bytes.data(), bytes.size());
    return ok();
  }
  bool takes = true, refuses = false;
  int status = 0;
  Headers headers;
  std::string text;
};

}  // namespace millrace::net
