#include "lake/events/event_hint.h"

#include <fmt/format.h>

#include "base/log.h"

namespace millrace::lake {
namespace {

constexpr std::size_t kMostKnown = 10'000;  // an event that comes again after so many others wakes once more
constexpr std::size_t kMostKeys = 10'000;   // more are found by the listing all the same

}  // namespace

bool EventHint::wait(std::chrono::milliseconds most) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, most, [this] { return woken_; });
  return std::exchange(woken_, false);
}

void EventHint::wake() {
  const std::scoped_lock lock(mutex_);
  woken_ = true;
  changed_.notify_all();
}

std::vector<std::string> EventHint::take_keys() {
  const std::scoped_lock lock(mutex_);
  return std::exchange(keys_, {});
}

bool EventHint::is_news(const ObjectEvent& event) {
  std::string identity = fmt::format("{}\n{}\n{}\n{}", event.bucket, event.key, event.etag, event.version_id);
  if (!known_.insert(identity).second) return false;
  oldest_.push_back(std::move(identity));
  if (oldest_.size() > kMostKnown) {
    known_.erase(oldest_.front());
    oldest_.pop_front();
  }
  return true;
}

Status EventHint::offer(std::string_view body) {
  const auto notification = parse_notification(body);
  const std::scoped_lock lock(mutex_);
  if (!notification) {
    ++counts_.bad;
    if ((counts_.bad & (counts_.bad - 1)) == 0)  // 1, 2, 4, 8, …: told, and no flood
      log::event("lake_event_refused", log::Level::warn,
                 {{"reason", notification.error().message}, {"so_far", counts_.bad}});
    return notification.error();
  }
  if (!notification->confirmation_url.empty())
    log::event("lake_events_unconfirmed", log::Level::warn,
               {{"todo", "SNS sends nothing before somebody has opened its SubscribeURL; the console shows it"}});
  counts_.foreign += notification->others;
  for (const ObjectEvent& event : notification->created) {
    if (event.bucket != bucket_ || !event.key.starts_with(prefix_)) {
      ++counts_.foreign;
    } else if (!is_news(event)) {
      ++counts_.repeated;
    } else {
      ++counts_.events;
      woken_ = true;
      if (keys_.size() < kMostKeys) keys_.push_back(event.key.substr(prefix_.size()));
    }
  }
  if (woken_) changed_.notify_all();
  return ok();
}

EventHint::Counts EventHint::counts() const {
  const std::scoped_lock lock(mutex_);
  return counts_;
}

}  // namespace millrace::lake
