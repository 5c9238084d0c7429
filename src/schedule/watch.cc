#include "schedule/watch.h"

#include <algorithm>
#include <string>

namespace millrace::schedule {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLongestPause{30'000};
constexpr milliseconds kLeisure{10'000};  // what can wait need not wait for a source that is seldom looked at
constexpr int kMostPostponed =
    20;  // looks at files that settle: one file that never settles must not hold up all others

/// Tells each problem once, until it is over or another takes its place. A message's hint may count
/// other bytes each time; the message itself tells which problem it is.
class Trouble {
 public:
  void over() {
    told_.clear();
    pause_ = {};
  }
  milliseconds pause_after(const Error& error, Observer& observer, milliseconds first) {
    if (error.message != told_) {
      observer.on_error(error);
      told_ = error.message;
      pause_ = first;
    } else {
      pause_ = std::min(pause_ * 2, kLongestPause);
    }
    return pause_;
  }

 private:
  std::string told_;
  milliseconds pause_{};
};

}  // namespace

Status watch(Pipeline& pipeline, lake::ChangeHint& hint, Observer& observer, const WatchOptions& options,
             std::stop_token stop) {
  const std::stop_callback wake(stop, [&hint] { hint.wake(); });
  Trouble trouble;
  int postponed = 0;
  bool build_due = true;  // at start: data or project may have changed while nobody looked
  const auto wait = [&](milliseconds pause) {
    if (hint.wait(pause)) pipeline.wake(hint.take_keys());
  };
  while (!stop.stop_requested()) {
    if (options.recover) {
      const auto recovered = options.recover();
      if (!recovered) {
        wait(trouble.pause_after(recovered.error(), observer, options.first_pause));
        continue;
      }
      if (*recovered) build_due = true;
    }
    const auto loaded = pipeline.load(false);
    // After an error too: what was committed before it wants to be published.
    if (!loaded || *loaded > 0) build_due = true;
    Status done = loaded ? ok() : Status(loaded.error());
    // While files are settling the build waits a little, so that a delivery of many files is one publish.
    if (done && build_due && (!pipeline.files_waiting() || ++postponed > kMostPostponed)) {
      postponed = 0;
      BuildRequest request;
      request.only_if_changed = true;
      auto report = pipeline.build(request);
      if (report && report->error) {
        done = *std::move(report->error);  // of a model: as lasting as a missing file, and told as such
      } else if (report) {
        if (!report->up_to_date) observer.on_build(*report);
        if (report->generation > 0 && options.on_published) done = options.on_published(report->generation);
        build_due = !done;
      } else {
        done = std::move(report).error();
      }
    }
    if (done) done = pipeline.check_timeouts(false);
    if (done && loaded && *loaded == 0 && !pipeline.files_waiting() && options.at_leisure) done = options.at_leisure();
    milliseconds pause = pipeline.until_next_look();
    if (options.at_leisure) pause = std::min(pause, kLeisure);
    if (done) {
      trouble.over();
    } else if (done.error().kind == ErrorKind::internal) {
      return done;
    } else {
      pause = trouble.pause_after(done.error(), observer, options.first_pause);
    }
    if (!stop.stop_requested()) wait(pause);
  }
  return ok();
}

}  // namespace millrace::schedule
