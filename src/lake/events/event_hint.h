#pragma once
/// \file lake/events/event_hint.h
/// Notifications as a hint to look now: each object wakes once, and no message is ever believed. The listing decides
/// what is there, so a lost, late, doubled or forged event costs a look at the most.

#include <condition_variable>
#include <deque>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "lake/events/notification.h"
#include "lake/object_store.h"

namespace millrace::lake {

/// Threads: offer(), refused() and wake() from any; wait() and take_keys() from one.
class EventHint final : public ChangeHint {
 public:
  /// Only objects of this bucket below this prefix count.
  EventHint(std::string bucket, std::string prefix) : bucket_(std::move(bucket)), prefix_(std::move(prefix)) {}

  bool wait(std::chrono::milliseconds most) override;
  void wake() override;
  std::vector<std::string> take_keys() override;

  /// Takes one body as it was sent. Errors: those of parse_notification, which are counted, and logged now and then.
  Status offer(std::string_view body);

  struct Counts {
    std::uint64_t events = 0;    ///< of new objects of our lake
    std::uint64_t repeated = 0;  ///< that were known already
    std::uint64_t foreign = 0;   ///< of other buckets and prefixes, and of no new object
    std::uint64_t bad = 0;       ///< bodies that were none
  };
  [[nodiscard]] Counts counts() const;

 private:
  bool is_news(const ObjectEvent& event);
  const std::string bucket_, prefix_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool woken_ = false;              // guarded by mutex_, as all that follows
  std::vector<std::string> keys_;   // said to have come, and not taken yet
  std::set<std::string> known_;     // identities that have woken already
  std::deque<std::string> oldest_;  // of them, in their order
  Counts counts_;
};

}  // namespace millrace::lake
