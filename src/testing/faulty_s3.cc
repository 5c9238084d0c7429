#include "testing/faulty_s3.h"

#include <array>

#include "testing/fake_s3_wire.h"

namespace millrace::testing {
namespace {

constexpr std::array<std::string_view, kS3Faults> kNames{
    "slow_down",   "internal_error", "timeout_before",      "timeout_after", "truncated",
    "wrong_bytes", "error_in_200",   "expired_credentials", "clock_skew",    "stale_list",
    "replaced",    "wrong_range",    "reset_on_connect",    "lost_answer",   "stall"};

bool is_object(const net::HttpRequest& r) { return r.url.find('?') == std::string::npos; }
bool is_listing(const net::HttpRequest& r) {
  return r.method == "GET" && r.url.find("list-type=2") != std::string::npos;
}
const std::string* header(const net::HttpRequest& r, std::string_view name) {
  return net::find_header(r.headers, name);
}

Error no_answer(const char* what) { return {ErrorKind::unavailable, what, {}, {}}; }

std::uint64_t hash_of(std::string_view text) {  // FNV-1a
  std::uint64_t h = 0xcbf29ce484222325ULL;
  for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return h;
}

}  // namespace

std::string_view name_of(S3Fault fault) { return kNames.at(static_cast<std::size_t>(fault)); }

std::vector<S3Fault> all_s3_faults() {
  std::vector<S3Fault> out;
  for (std::size_t i = 0; i < kS3Faults; ++i) out.push_back(static_cast<S3Fault>(i));
  return out;
}

std::vector<S3Fault> hidden_s3_faults() {
  std::vector<S3Fault> out = all_s3_faults();
  std::erase_if(out, [](S3Fault f) { return f == S3Fault::stale_list || f == S3Fault::replaced; });
  return out;
}

Result<net::HttpResponse> FaultyS3::send(const net::HttpRequest& request, net::BodySink* sink) {
  Random random(0);
  const std::optional<S3Fault> fault = draw(request, random);
  if (!fault) return pass(request, sink);
  switch (*fault) {
    case S3Fault::slow_down:
    case S3Fault::internal_error:
    case S3Fault::error_in_200:
    case S3Fault::expired_credentials:
    case S3Fault::clock_skew: return refuse(*fault, request, sink);
    case S3Fault::timeout_before:
      if (request.facts != nullptr) *request.facts = {.sent = true, .timed_out = true};
      return no_answer("no answer in time");
    case S3Fault::reset_on_connect:
      if (request.facts != nullptr) *request.facts = {};
      return no_answer("connection reset");
    case S3Fault::timeout_after:
    case S3Fault::lost_answer: {
      auto done = inner_->send(request);
      if (request.facts != nullptr) *request.facts = {.sent = true, .timed_out = *fault == S3Fault::timeout_after};
      if (!done) return done;
      return no_answer("the answer was lost");
    }
    case S3Fault::replaced:
      if (on_replace) on_replace(request.url);
      return pass(request, sink);
    default: return damage(*fault, request, sink, random);
  }
}

std::optional<S3Fault> FaultyS3::draw(const net::HttpRequest& request, Random& random) {
  const std::string* range = header(request, "range");
  const std::string identity = request.method + " " + request.url + " " + (range == nullptr ? "" : *range);
  const std::lock_guard lock(mutex_);
  ++requests_;
  random = Random(hash_of(identity) ^ Random(seed_ + ++seen_[identity]).next());
  if (!random.chance(chance_)) return std::nullopt;
  std::vector<S3Fault> fitting;
  for (const S3Fault f : kinds_)
    if (fits(f, request)) fitting.push_back(f);
  if (fitting.empty()) return std::nullopt;
  const S3Fault chosen = fitting[random.below(fitting.size())];
  ++injected_[chosen];
  return chosen;
}

bool FaultyS3::fits(S3Fault fault, const net::HttpRequest& request) const {
  const bool reads_object = request.method == "GET" && is_object(request);
  switch (fault) {
    case S3Fault::truncated:
    case S3Fault::stall: return request.method == "GET";
    case S3Fault::wrong_bytes: {
      // Where the etag is no digest of the bytes only TLS could see it.
      const std::string* etag = header(request, "if-match");
      return reads_object && etag != nullptr && etag->find('-') == std::string::npos;
    }
    case S3Fault::error_in_200:
      return header(request, "x-amz-copy-source") != nullptr ||
             (request.method == "POST" && request.url.find("uploadId=") != std::string::npos);
    case S3Fault::stale_list: return is_listing(request) && listings_.contains(request.url);
    case S3Fault::replaced: return reads_object && on_replace != nullptr;
    case S3Fault::wrong_range: return reads_object && header(request, "range") != nullptr;
    case S3Fault::lost_answer: return request.method != "GET" && request.method != "HEAD";
    default: return true;
  }
}

Result<net::HttpResponse> FaultyS3::refuse(S3Fault fault, const net::HttpRequest& request, net::BodySink* sink) const {
  S3Answer a;
  WallTime date = clock_->now();
  switch (fault) {
    case S3Fault::slow_down: a = s3_error(503, "SlowDown"); break;
    case S3Fault::error_in_200: a = s3_error(200, "InternalError"); break;
    case S3Fault::expired_credentials: a = s3_error(400, "ExpiredToken"); break;
    case S3Fault::clock_skew:
      a = s3_error(403, "RequestTimeTooSkewed");
      date += std::chrono::minutes(20);
      break;
    default: a = s3_error(500, "InternalError"); break;
  }
  net::HttpResponse response{a.status, {{"date", http_date_of(date)}}, request.method == "HEAD" ? "" : a.body};
  return deliver(std::move(response), request, sink);
}

Result<net::HttpResponse> FaultyS3::pass(const net::HttpRequest& request, net::BodySink* sink) {
  auto answer = inner_->send(request, sink);
  if (answer && answer->ok() && is_listing(request)) {
    const std::lock_guard lock(mutex_);
    listings_[request.url] = *answer;
  }
  return answer;
}

Result<net::HttpResponse> FaultyS3::damage(S3Fault fault, const net::HttpRequest& request, net::BodySink* sink,
                                           Random& random) {
  if (fault == S3Fault::stale_list) {
    net::HttpResponse old;
    {
      const std::lock_guard lock(mutex_);
      old = listings_.at(request.url);
    }
    return deliver(std::move(old), request, sink);
  }
  auto answer = inner_->send(request);
  if (!answer || answer->body.empty()) return answer ? deliver(*std::move(answer), request, sink) : std::move(answer);
  const std::size_t at = random.below(answer->body.size());
  if (fault == S3Fault::wrong_bytes && answer->ok()) {
    answer->body[at] = static_cast<char>(answer->body[at] ^ 0x20);
    return deliver(*std::move(answer), request, sink);
  }
  if (fault == S3Fault::wrong_range && answer->status == 206) {
    net::set_header(answer->headers, "content-range", "bytes 0-0/1");
    return deliver(*std::move(answer), request, sink);
  }
  auto cut = deliver(*std::move(answer), request, sink, at);
  if (fault == S3Fault::stall && request.facts != nullptr) request.facts->timed_out = true;
  return cut;
}

std::uint64_t FaultyS3::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

std::map<S3Fault, std::uint64_t> FaultyS3::injected() const {
  const std::lock_guard lock(mutex_);
  return injected_;
}

}  // namespace millrace::testing
