#include "lake/s3/client.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/log.h"
#include "base/sha256.h"
#include "lake/s3/signer.h"
#include "lake/s3/times.h"

namespace millrace::lake::s3 {
namespace {

bool only_reads(const Call& call) { return call.method == "GET" || call.method == "HEAD"; }

std::vector<std::string> secrets_of(const Credentials& who) {
  std::vector<std::string> out{who.access_key_id, who.secret_access_key.reveal_to_the_wire()};
  if (who.session_token) out.push_back(who.session_token->reveal_to_the_wire());
  return out;
}

/// A server that thinks for minutes (joining parts, copying gigabytes) is not a dead one.
net::Deadlines patient(net::Deadlines d) {
  d.first_byte = std::max(d.first_byte, std::chrono::milliseconds{600'000});
  d.stall = std::max(d.stall, std::chrono::milliseconds{600'000});
  return d;
}

}  // namespace

/// The state of one call between its attempts.
struct Client::Attempts {
  net::Retries retries;
  net::SendFacts facts = {};
  std::string region = {};  ///< that the last attempt was signed for
  std::string gave_up = {};
  bool in_doubt = false;
  bool fresh_connection = false;
  std::array<int, 6> repairs{};  ///< how often each Remedy was tried
};

Client::Client(Endpoint endpoint, ClientParts parts, ClientOptions options)
    : parts_(parts),
      options_(std::move(options)),
      bucket_(endpoint.bucket()),
      endpoint_(std::move(endpoint)),
      random_(options_.seed) {}

Result<Reply> Client::exchange(const Call& call) {
  const net::RetrySurroundings around{parts_.budget, parts_.clock, parts_.sleeper};
  Attempts at{net::Retries(options_.retry, around, next_seed(), call.stop)};
  for (;;) {
    auto who = parts_.credentials->get();
    if (!who) return std::move(who).error().within(call.what + " " + shown(call.key));
    auto answer = send_once(call, *who, at);
    if (!answer) {
      const ErrorKind kind = answer.error().kind;
      if (kind != ErrorKind::unavailable && kind != ErrorKind::deadline_exceeded)
        return std::move(answer).error().within(call.what + " " + shown(call.key));
      const auto cause = at.facts.timed_out ? net::RetryCause::timeout : net::RetryCause::transient;
      MR_TRY(const bool again, waited(call, at, cause, answer.error().message));
      if (!again) return no_answer(call, at, std::move(answer).error());
      at.fresh_connection = true;
      continue;
    }
    const Failure failure = failure_of(*answer, call.error_in_200, secrets_of(*who));
    if (failure.code.empty()) {
      at.retries.succeeded();
      return Reply{*std::move(answer), {}, at.in_doubt, {}};
    }
    if (!only_reads(call) && may_have_acted(failure)) at.in_doubt = true;
    MR_TRY(const bool again, repaired(call, at, *answer, failure, *who));
    if (!again) return Reply{*std::move(answer), failure, at.in_doubt, at.gave_up};
  }
}

Result<net::HttpResponse> Client::send_once(const Call& call, const Credentials& who, Attempts& at) {
  const Endpoint there = endpoint();
  at.region = there.region();
  at.facts = {};
  const Target target = there.target(call.key, call.query);
  net::HttpRequest request;
  request.method = call.method;
  request.url = url_of(target);
  request.headers = call.headers;
  if (call.prepare) call.prepare(request.headers);
  request.body = call.body;
  request.deadlines = call.slow ? patient(options_.deadlines) : options_.deadlines;
  request.stop = call.stop;
  request.fresh_connection = at.fresh_connection;
  request.facts = &at.facts;
  std::string payload(call.body.empty() ? kEmptyPayload : kUnsignedPayload);
  if (!call.body.empty() && !there.is_tls()) payload = sha256_hex(call.body);
  const Scope scope{there.region(), "s3"};
  sign(scope, who, parts_.clock->now() + std::chrono::microseconds{skew_us_.load()}, call.method, target,
       request.headers, payload);

  requests_.fetch_add(1, std::memory_order_relaxed);
  auto answer = parts_.transport->send(request, call.sink);
  if (at.facts.repeated && !only_reads(call)) at.in_doubt = true;
  Status good = ok();
  if (answer && answer->ok() && call.accept && failure_of(*answer, call.error_in_200).code.empty())
    good = call.accept(*answer);
  if (answer && good) return answer;
  if (at.facts.sent && !only_reads(call)) at.in_doubt = true;
  return answer ? std::move(good).error() : std::move(answer).error();
}

Result<bool> Client::repaired(const Call& call, Attempts& at, const net::HttpResponse& answer, const Failure& failure,
                              const Credentials& who) {
  Remedy remedy = remedy_of(failure);
  const bool wordless = call.method == "HEAD";  // its answers have no body, so they name no code
  if (wordless && remedy == Remedy::none && failure.status >= 400 && failure.status <= 403 && failure.status != 402) {
    if (!failure.region.empty() && failure.region != at.region)
      remedy = Remedy::other_region;
    else
      remedy = failure.status == 400 ? Remedy::new_credentials : Remedy::server_time;
  }
  const std::string why = fmt::format("{} (HTTP {})", failure.code, failure.status);
  if (remedy == Remedy::none) return false;
  if (remedy == Remedy::wait) return waited(call, at, net::RetryCause::transient, why);
  if (remedy == Remedy::slow_down) return waited(call, at, net::RetryCause::throttled, why);

  const int before = at.repairs.at(static_cast<std::size_t>(remedy))++;
  if (before > 1) return false;
  if (remedy == Remedy::new_credentials) parts_.credentials->rejected(who);
  if (remedy == Remedy::server_time && !took_server_time(answer)) return false;
  if (remedy == Remedy::other_region && !moved_to_region(failure.region, at.region)) return false;
  return before == 0 ? Result<bool>(true) : waited(call, at, net::RetryCause::transient, why);
}

Result<bool> Client::waited(const Call& call, Attempts& at, net::RetryCause cause, const std::string& why) {
  const int attempt = at.retries.attempt();
  if (auto again = at.retries.wait(cause); !again) {
    if (again.error().kind == ErrorKind::cancelled) return std::move(again).error();
    at.gave_up = again.error().message;
    return false;
  }
  log::event("s3_call_repeated", log::Level::debug,
             {{"call", call.what}, {"object", shown(call.key)}, {"attempt", attempt}, {"reason", why}});
  return true;
}

/// False: the answer has no time, or ours is right.
bool Client::took_server_time(const net::HttpResponse& answer) {
  const std::string* date = answer.find("date");
  const auto theirs = date == nullptr ? std::nullopt : parse_http_date(*date);
  if (!theirs) return false;
  const auto skew = *theirs - parts_.clock->now();
  const auto known = std::chrono::microseconds{skew_us_.load()};
  const bool head_was_refused_for_it = std::chrono::abs(skew - known) > std::chrono::minutes(5);
  skew_us_.store(skew.count());
  if (head_was_refused_for_it)
    log::event("s3_clock_corrected", log::Level::warn,
               {{"seconds", std::chrono::duration_cast<std::chrono::seconds>(skew).count()}});
  return head_was_refused_for_it || std::chrono::abs(skew) > std::chrono::minutes(5);
}

/// False: we have been there, or it is no name of a region. It becomes part of a host that is sent signed requests.
bool Client::moved_to_region(const std::string& region, const std::string& used) {
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  if (region == used || region.empty() || !std::all_of(region.begin(), region.end(), fits)) return false;
  const std::lock_guard lock(mutex_);
  if (endpoint_.region() == used) {
    endpoint_ = endpoint_.in_region(region);
    log::event("s3_region_found", log::Level::info, {{"bucket", bucket_}, {"region", region}});
  }
  return true;
}

Error Client::no_answer(const Call& call, const Attempts& at, Error error) const {
  const bool unknown = at.in_doubt && call.changes_once;
  Error e{unknown ? ErrorKind::commit_unknown : ErrorKind::unavailable,
          fmt::format("{}: {} got no good answer: {}", shown(call.key), call.what, error.message),
          std::move(error.hint), std::move(error.trail)};
  if (!at.gave_up.empty()) e.message += "; " + at.gave_up;
  if (e.hint.empty()) e.hint = unknown ? "look whether it happened" : "it is safe to try again later";
  return e;
}

Error Client::error_of(const Call& call, const Reply& reply) const {
  const Failure& f = reply.failure;
  Error e{kind_of(f),
          fmt::format("{}: {} was refused: {} (HTTP {})", shown(call.key), call.what, f.code, f.status),
          hint_of(f),
          {}};
  if (!f.message.empty()) e.message += ", " + f.message;
  if (!f.request_id.empty()) e.message += ", request " + f.request_id;
  if (!reply.gave_up.empty()) e.message += "; " + reply.gave_up;
  if (e.kind == ErrorKind::unavailable && reply.in_doubt && call.changes_once) e.kind = ErrorKind::commit_unknown;
  return e;
}

Result<Reply> Client::must(const Call& call) {
  MR_TRY(Reply reply, exchange(call));
  if (!reply.ok()) return error_of(call, reply);
  return reply;
}

std::string Client::new_token() {
  const std::lock_guard lock(mutex_);
  const std::uint64_t high = random_.next();
  return fmt::format("{:016x}{:016x}", high, random_.next());
}

std::uint64_t Client::next_seed() {
  const std::lock_guard lock(mutex_);
  return random_.next();
}

Endpoint Client::endpoint() const {
  const std::lock_guard lock(mutex_);
  return endpoint_;
}

std::string Client::shown(std::string_view key) const {
  std::string out = "s3://" + bucket_ + "/";
  for (const char c : key) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f)
      out += fmt::format("%{:02X}", byte);
    else
      out += c;
  }
  return out;
}

}  // namespace millrace::lake::s3
