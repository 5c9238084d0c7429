#pragma once
/// \file testing/fake_transport.h
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "net/http.h"

namespace millrace::testing {

/// What a request looked like when it was sent.
struct SentRequest {
  std::string method, url;
  net::Headers headers;
  std::string body;
  bool direct = false, fresh_connection = false;
  [[nodiscard]] std::string header(std::string_view name) const {
    const std::string* value = net::find_header(headers, name);
    return value == nullptr ? "" : *value;
  }
};

/// Answers from a script, in its order; without one, from `answer`. Threads: safe to share.
class FakeTransport final : public net::HttpTransport {
 public:
  using Answer = std::function<Result<net::HttpResponse>(const SentRequest&)>;

  FakeTransport() = default;
  /// Every request that the script has no answer for.
  explicit FakeTransport(Answer answer) : answer_(std::move(answer)) {}

  FakeTransport& reply(int status, std::string body = {}, net::Headers headers = {}) {
    return reply_by([=](const SentRequest&) -> Result<net::HttpResponse> {
      return net::HttpResponse{status, headers, body};
    });
  }
  /// `facts`: what the request's SendFacts become.
  FakeTransport& fail(Error error, net::SendFacts facts = {}) {
    return add({[=](const SentRequest&) -> Result<net::HttpResponse> { return error; }, facts, 0, false});
  }
  /// A body that breaks off after `kept_bytes`: the sink has them, the caller gets `unavailable`.
  FakeTransport& cut(int status, std::string body, std::size_t kept_bytes, net::Headers headers = {}) {
    return add({[=](const SentRequest&) -> Result<net::HttpResponse> {
                  return net::HttpResponse{status, headers, body};
                },
                {},
                kept_bytes,
                true});
  }
  FakeTransport& reply_by(Answer answer) { return add({std::move(answer), {}, 0, false}); }

  Result<net::HttpResponse> send(const net::HttpRequest& request, net::BodySink* sink) override;
  using net::HttpTransport::send;

  [[nodiscard]] std::vector<SentRequest> sent() const {
    const std::scoped_lock lock(mutex_);
    return sent_;
  }
  /// Answers of the script that nobody has asked for.
  [[nodiscard]] std::size_t left() const {
    const std::scoped_lock lock(mutex_);
    return script_.size() - next_;
  }

 private:
  struct Step {
    Answer answer;
    net::SendFacts facts;
    std::size_t kept_bytes;
    bool cut;
  };
  FakeTransport& add(Step step) {
    const std::scoped_lock lock(mutex_);
    script_.push_back(std::move(step));
    return *this;
  }

  mutable std::mutex mutex_;
  std::vector<Step> script_;
  std::size_t next_ = 0;
  std::vector<SentRequest> sent_;
  const Answer answer_;
};

}  // namespace millrace::testing
