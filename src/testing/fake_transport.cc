#include "testing/fake_transport.h"

#include <fmt/format.h>

namespace millrace::testing {
namespace {

/// The body as the source gives it, from its beginning.
Result<std::string> read_all(net::BodySource& source) {
  MR_CHECK(source.rewind());
  std::string body(source.size_bytes(), '\0');
  std::size_t at = 0;
  while (at < body.size()) {
    MR_TRY(const std::size_t got, source.read(std::span(body).subspan(at)));
    if (got == 0) return Error{ErrorKind::conflict, fmt::format("the body ended after {} bytes", at), {}, {}};
    at += got;
  }
  return body;
}

}  // namespace

Result<net::HttpResponse> FakeTransport::send(const net::HttpRequest& request, net::BodySink* sink) {
  SentRequest seen{request.method,          request.url, request.headers, std::string(request.body), request.direct,
                   request.fresh_connection};
  if (request.source != nullptr) {
    MR_TRY(seen.body, read_all(*request.source));
  }
  Step step{answer_, {.sent = true}, 0, false};
  {
    const std::scoped_lock lock(mutex_);
    sent_.push_back(seen);
    if (next_ < script_.size()) step = script_[next_++];
  }
  if (request.facts != nullptr) *request.facts = step.facts;
  if (request.stop.stop_requested()) return Error{ErrorKind::cancelled, "stopped", {}, {}};
  if (!step.answer) {
    return Error{ErrorKind::internal, fmt::format("no answer is scripted for {} {}", seen.method, seen.url), {}, {}};
  }
  MR_TRY(net::HttpResponse answer, step.answer(seen));
  std::string body = std::move(answer.body);
  answer.body.clear();
  if (step.cut) body.resize(std::min(body.size(), step.kept_bytes));
  if (request.facts != nullptr) *request.facts = {.sent = true, .status = answer.status, .body_bytes = body.size()};
  bool to_sink = false;
  if (sink != nullptr) {
    MR_TRY(to_sink, sink->begin(answer));
  }
  if (to_sink && !body.empty()) MR_CHECK(sink->write(body));
  if (step.cut)
    return Error{ErrorKind::unavailable, fmt::format("the answer broke off after {} bytes", body.size()), {}, {}};
  if (!to_sink && request.method != "HEAD") answer.body = std::move(body);
  return answer;
}

}  // namespace millrace::testing
