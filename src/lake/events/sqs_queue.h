#pragma once
/// \file lake/events/sqs_queue.h
/// A queue with notifications: asked by long polls, and a message is deleted only after it was taken.
/// Source: docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference (JSON protocol 1.0).

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "lake/s3/credentials.h"
#include "net/http.h"

namespace millrace::lake {

/// "eu-west-1" of "https://sqs.eu-west-1.amazonaws.com/1/name"; "" where the URL names none.
std::string region_of_queue(std::string_view url);

/// Threads: one thread at a time. Borrows transport, credentials and clock.
class SqsQueue {
 public:
  /// Errors: invalid_input for a URL that is none, or one without a region where `region` is "".
  static Result<SqsQueue> open(std::string url, std::string region, net::HttpTransport& transport,
                               s3::CredentialProvider& credentials, const Clock& clock);

  struct Message {
    std::string id, receipt, body;
  };
  /// Waits up to 20 seconds for up to ten messages; none is an answer, too.
  /// Errors: unavailable; permission_denied and not_found as the service says; cancelled.
  Result<std::vector<Message>> receive(std::stop_token stop);
  /// Deletes them; one that is not deleted comes again, which does no harm. Errors: as receive.
  Status remove(const std::vector<Message>& messages, std::stop_token stop);

  [[nodiscard]] const std::string& url() const { return url_; }

 private:
  SqsQueue(std::string url, std::string region, std::string scheme, std::string host, net::HttpTransport& transport,
           s3::CredentialProvider& credentials, const Clock& clock)
      : url_(std::move(url)),
        region_(std::move(region)),
        scheme_(std::move(scheme)),
        host_(std::move(host)),
        transport_(&transport),
        credentials_(&credentials),
        clock_(&clock) {}
  Result<std::string> call(std::string_view action, const std::string& body, std::stop_token stop);

  std::string url_, region_, scheme_, host_;
  net::HttpTransport* transport_;
  s3::CredentialProvider* credentials_;
  const Clock* clock_;
};

/// Takes messages until `stop`: each body goes to `take`, then all are deleted, whatever `take` says of them.
/// A problem is told once (`told`), and tried again after a growing pause of up to a minute.
void poll_queue(SqsQueue& queue, const std::function<void(const std::string& body)>& take,
                const std::function<void(const Error&)>& told, std::stop_token stop);

}  // namespace millrace::lake
