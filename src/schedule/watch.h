#pragma once
/// \file schedule/watch.h
/// `millrace up`, the loop: look, load, build, publish, and wait for the next file.

#include <chrono>
#include <functional>
#include <stop_token>

#include "lake/object_store.h"
#include "schedule/pipeline.h"

namespace millrace::schedule {

struct WatchOptions {
  std::chrono::milliseconds first_pause{1000};  ///< after a problem; each time it stays the pause doubles
  /// The server's turn; also once at start. An error is a problem that may pass: it is called again.
  std::function<Status(std::int64_t generation)> on_published;
  /// Called before each round. True: the engine had stopped itself, and is open again. An error: it had, and
  /// cannot be opened now; nothing is loaded until it can. May be empty.
  std::function<Result<bool>()> recover;
  /// Called after each round in which nothing landed: small pieces of work that can wait. May be empty.
  std::function<Status()> at_leisure;
};

/// Runs until `stop` is asked for. A problem that may pass is told once, and tried again with a
/// growing pause of up to 30 s; what is published stays up meanwhile.
/// Errors: internal, where going on would be wrong.
Status watch(Pipeline& pipeline, lake::ChangeHint& hint, Observer& observer, const WatchOptions& options,
             std::stop_token stop);

}  // namespace millrace::schedule
