#include "app/lake_events.h"

#include <optional>
#include <thread>

#include "app/lake_store.h"
#include "app/s3_connection.h"
#include "base/log.h"
#include "base/secret.h"
#include "lake/events/event_hint.h"
#include "lake/events/sqs_queue.h"
#include "lake/local/local_store.h"
#include "serve/hook_server.h"

namespace millrace::app {
namespace {

void tell(const Error& error) {
  log::event("lake_queue_failed", log::Level::warn, {{"reason", error.message}, {"todo", error.hint}});
}

class S3Hint final : public lake::ChangeHint {
 public:
  explicit S3Hint(const S3LakeConfig& s3) : hint_(s3.bucket, s3.prefix) {}

  Status start(const Config& config) {
    const LakeEventsConfig& events = config.lake.events;
    if (!events.http.empty()) {
      MR_TRY(Secret token, read_secret(events.token));
      serve::HookOptions options;
      options.listen = events.http;
      MR_TRY(server_, serve::HookServer::start(options, std::move(token),
                                               [this](std::string_view body) { return hint_.offer(body); }));
      log::event("lake_events_awaited", log::Level::info, {{"address", server_->address()}});
    }
    if (!events.sqs.empty()) {
      MR_TRY(connection_, S3Connection::make(*config.lake.s3, system_clock()));
      MR_TRY(queue_, lake::SqsQueue::open(events.sqs, connection_->region(), connection_->transport(),
                                          connection_->credentials(), system_clock()));
      asking_ = std::jthread([this](std::stop_token stop) {
        const auto take = [this](const std::string& body) {
          if (auto taken = hint_.offer(body); !taken)
            log::event("lake_event_dropped", log::Level::debug, {{"reason", taken.error().message}});
        };
        lake::poll_queue(*queue_, take, tell, stop);
      });
      log::event("lake_events_awaited", log::Level::info, {{"queue", events.sqs}});
    }
    return ok();
  }

  bool wait(std::chrono::milliseconds most) override { return hint_.wait(most); }
  void wake() override { hint_.wake(); }
  std::vector<std::string> take_keys() override { return hint_.take_keys(); }

 private:
  lake::EventHint hint_;
  std::unique_ptr<serve::HookServer> server_;
  std::shared_ptr<S3Connection> connection_;
  std::optional<lake::SqsQueue> queue_;
  std::jthread asking_;  // last: ends before what it uses
};

}  // namespace

Result<std::unique_ptr<lake::ChangeHint>> make_change_hint(const Config& config) {
  if (!config.lake.s3) {
    const std::vector<std::string> places = landing_places(config);
    return lake::watch_local_folders({places.begin(), places.end()});
  }
  auto hint = std::make_unique<S3Hint>(*config.lake.s3);
  MR_CHECK(hint->start(config));
  return std::unique_ptr<lake::ChangeHint>(std::move(hint));
}

}  // namespace millrace::app
