#include "lake/events/sqs_queue.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "base/failpoint.h"
#include "base/json.h"
#include "base/sha256.h"
#include "base/words.h"
#include "lake/s3/signer.h"

namespace millrace::lake {
namespace {

using simdjson::dom::element;
using std::chrono::milliseconds;

constexpr int kWaitSeconds = 20;  // the longest that the service offers
constexpr int kMostMessages = 10;
constexpr milliseconds kFirstPause{1'000}, kLongestPause{60'000};

std::string text_of(const element& in, std::string_view member) {
  std::string_view text;
  if (in[member].get(text) != simdjson::SUCCESS) return {};
  return std::string(text);
}

/// What the service says, as the kinds that we know.
Error refused(const net::HttpResponse& answer, const std::string& url) {
  simdjson::dom::parser parser;
  element root;
  std::string code, message;
  if (parser.parse(answer.body.data(), answer.body.size(), true).get(root) == simdjson::SUCCESS && root.is_object()) {
    code = text_of(root, "__type");
    message = text_of(root, "message");
  }
  if (const auto hash = code.rfind('#'); hash != std::string::npos) code.erase(0, hash + 1);
  const bool gone =
      code.find("NonExistentQueue") != std::string::npos || code.find("QueueDoesNotExist") != std::string::npos;
  const ErrorKind kind = gone                                           ? ErrorKind::not_found
                         : answer.status == 403 || answer.status == 401 ? ErrorKind::permission_denied
                         : answer.status >= 500 || answer.status == 429 || code.find("Throttl") != std::string::npos
                             ? ErrorKind::unavailable
                             : ErrorKind::invalid_input;
  return {kind,
          fmt::format("{}: the queue answers {} {} {}", url, answer.status, printable(code), printable(message, 300)),
          kind == ErrorKind::permission_denied ? "allow sqs:ReceiveMessage and sqs:DeleteMessage on the queue"
          : gone                               ? "correct lake.events.sqs"
                                               : "",
          {}};
}

Result<std::vector<SqsQueue::Message>> read_messages(const std::string& body, const std::string& url) {
  simdjson::dom::parser parser;
  element root;
  if (parser.parse(body.data(), body.size(), true).get(root) != simdjson::SUCCESS || !root.is_object())
    return Error{ErrorKind::unavailable, fmt::format("{}: the queue's answer is no JSON object", url), {}, {}};
  std::vector<SqsQueue::Message> out;
  simdjson::dom::array messages;
  if (root["Messages"].get(messages) != simdjson::SUCCESS) return out;
  for (const element m : messages) {
    if (!m.is_object()) continue;
    out.push_back({text_of(m, "MessageId"), text_of(m, "ReceiptHandle"), text_of(m, "Body")});
  }
  return out;
}

}  // namespace

std::string region_of_queue(std::string_view url) {
  const auto start = url.find("://");
  if (start == std::string_view::npos) return {};
  std::string_view host = url.substr(start + 3);
  host = host.substr(0, host.find_first_of("/:"));
  if (host == "queue.amazonaws.com") return "us-east-1";
  const auto aws = host.find(".amazonaws.com");
  if (aws == std::string_view::npos) return {};
  host = host.substr(0, aws);
  for (const std::string_view first : {"sqs.", "sqs-fips."})
    if (host.starts_with(first)) return std::string(host.substr(first.size()));
  if (host.ends_with(".queue")) return std::string(host.substr(0, host.size() - 6));
  return {};
}

Result<SqsQueue> SqsQueue::open(std::string url, std::string region, net::HttpTransport& transport,
                                s3::CredentialProvider& credentials, const Clock& clock) {
  const auto start = url.find("://");
  const std::string scheme = url.substr(0, start == std::string::npos ? 0 : start);
  const std::string rest = start == std::string::npos ? "" : url.substr(start + 3);
  const std::string host = rest.substr(0, rest.find('/'));
  if ((scheme != "https" && scheme != "http") || host.empty() || rest.find('/') == std::string::npos)
    return Error{ErrorKind::invalid_input,
                 fmt::format("found the queue \"{}\", expected its URL", printable(url)),
                 "https://sqs.REGION.amazonaws.com/ACCOUNT/NAME",
                 {}};
  if (std::string told = region_of_queue(url); !told.empty()) region = std::move(told);
  if (region.empty())
    return Error{ErrorKind::invalid_input,
                 fmt::format("the queue's URL {} names no region", printable(url)),
                 "say it as lake.region",
                 {}};
  return SqsQueue(std::move(url), std::move(region), scheme, host, transport, credentials, clock);
}

Result<std::string> SqsQueue::call(std::string_view action, const std::string& body, std::stop_token stop) {
  MR_TRY(const s3::Credentials credentials, credentials_->get());
  net::HttpRequest request;
  request.method = "POST";
  const s3::Target target{scheme_, host_, "/", {}};
  request.url = s3::url_of(target);
  request.headers = {{"Content-Type", "application/x-amz-json-1.0"},
                     {"X-Amz-Target", fmt::format("AmazonSQS.{}", action)}};
  request.body = body;
  request.stop = stop;
  request.deadlines.first_byte = std::chrono::seconds(kWaitSeconds + 20);
  request.max_body_bytes = 8U << 20;  // ten messages of at most 1 MiB, which S3's never are
  s3::sign({region_, "sqs"}, credentials, clock_->now(), request.method, target, request.headers, sha256_hex(body));
  MR_TRY(net::HttpResponse answer, transport_->send(request));
  if (answer.ok()) return std::move(answer.body);
  Error error = refused(answer, url_);
  if (error.kind == ErrorKind::permission_denied || answer.body.find("Expired") != std::string::npos)
    credentials_->rejected(credentials);
  return error;
}

Result<std::vector<SqsQueue::Message>> SqsQueue::receive(std::stop_token stop) {
  MR_FAILPOINT("lake.sqs.receive.before");
  json::Writer w;
  w.begin_object()
      .member("QueueUrl", url_)
      .member("MaxNumberOfMessages", kMostMessages)
      .member("WaitTimeSeconds", kWaitSeconds)
      .end_object();
  MR_TRY(const std::string body, call("ReceiveMessage", w.text(), stop));
  return read_messages(body, url_);
}

Status SqsQueue::remove(const std::vector<Message>& messages, std::stop_token stop) {
  if (messages.empty()) return ok();
  MR_FAILPOINT("lake.sqs.delete.before");
  json::Writer w;
  w.begin_object().member("QueueUrl", url_).key("Entries").begin_array();
  for (std::size_t i = 0; i < messages.size(); ++i)
    w.begin_object().member("Id", std::to_string(i)).member("ReceiptHandle", messages[i].receipt).end_object();
  w.end_array().end_object();
  MR_TRY(const std::string body, call("DeleteMessageBatch", w.text(), stop));
  return ok();
}

void poll_queue(SqsQueue& queue, const std::function<void(const std::string&)>& take,
                const std::function<void(const Error&)>& told, std::stop_token stop) {
  std::mutex mutex;
  std::condition_variable_any until;
  std::string last;
  milliseconds pause = kFirstPause;
  while (!stop.stop_requested()) {
    const Status done = [&]() -> Status {
      MR_TRY(const auto messages, queue.receive(stop));
      for (const SqsQueue::Message& m : messages) take(m.body);
      return queue.remove(messages, stop);
    }();
    if (done) {
      last.clear();
      pause = kFirstPause;
      continue;
    }
    if (stop.stop_requested()) return;
    if (done.error().message != last) told(done.error());
    last = done.error().message;
    std::unique_lock lock(mutex);
    until.wait_for(lock, stop, pause, [] { return false; });
    pause = std::min(pause * 2, kLongestPause);
  }
}

}  // namespace millrace::lake
