// load, serve, up.
#include <fmt/format.h>
#include <pthread.h>
#include <signal.h>

#include <condition_variable>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include "app/commands.h"
#include "app/lake_events.h"
#include "app/lake_store.h"
#include "app/runtime.h"
#include "base/log.h"
#include "schedule/wait_for_files.h"
#include "schedule/watch.h"

namespace millrace::app {
namespace {

std::unique_ptr<Reporter> reporter_for(const CommonOptions& common, bool goes_on = false) {
  const Output output = !common.json ? Output::lines : goes_on ? Output::json_lines : Output::json_document;
  return make_reporter(output, stdout, stderr);
}

/// Opens the project and does `work` with it; the reporter turns the outcome into an exit code.
template <class Work>
int with_runtime(const CommonOptions& common, bool goes_on, Work work) {
  const auto reporter = reporter_for(common, goes_on);
  auto runtime = Runtime::open(common.project, *reporter, common.rebuild);
  if (!runtime) return reporter->finish(std::move(runtime).error());
  return reporter->finish(work(**runtime, *reporter));
}

/// SIGINT and SIGTERM as a request to stop: blocked in every thread started after this, taken here.
class StopOnSignal {
 public:
  StopOnSignal() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGINT);
    sigaddset(&set_, SIGTERM);
    sigaddset(&set_, SIGHUP);
    sigaddset(&set_, SIGUSR1);  // our own, to end the wait below
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    thread_ = std::thread([this] {
      int signal = 0;
      while (sigwait(&set_, &signal) != 0) {
      }
      source_.request_stop();
    });
  }
  ~StopOnSignal() {
    pthread_kill(thread_.native_handle(), SIGUSR1);
    thread_.join();
  }
  StopOnSignal(const StopOnSignal&) = delete;
  StopOnSignal& operator=(const StopOnSignal&) = delete;
  std::stop_token token() const { return source_.get_token(); }

 private:
  sigset_t set_{};
  std::stop_source source_;
  std::thread thread_;
};

/// The archive is looked through now and then, and one step of what is due is done at a time: files that land go first.
class TidyPace {
 public:
  explicit TidyPace(const Clock& clock) : clock_(clock) {}

  Status turn(Runtime& runtime) {
    ingest::Tidier tidier = runtime.tidier();
    if (tidier.idle() || (due_.empty() && clock_.steady() < next_look_)) return ok();
    if (due_.empty()) {
      next_look_ = clock_.steady() + kBetweenLooks;
      MR_TRY(ingest::TidyPlan plan, tidier.plan());
      for (const std::string& key : plan.missing)
        if (told_.insert(key).second) log::event("archived_file_missing", log::Level::error, {{"archive_key", key}});
      due_ = std::move(plan.steps);
      return ok();
    }
    const ingest::TidyStep step = std::move(due_.back());
    due_.pop_back();
    Status done = tidier.take(step);
    // It has changed meanwhile: the next look sees it as it is.
    if (!done && done.error().kind == ErrorKind::conflict) return ok();
    return done;
  }

 private:
  static constexpr std::chrono::minutes kBetweenLooks{10};
  const Clock& clock_;
  SteadyTime next_look_{};  // at once after a start
  std::vector<ingest::TidyStep> due_;
  std::set<std::string> told_;
};

}  // namespace

int run_load(const CommonOptions& common) {
  std::optional<StopOnSignal> stop;
  if (common.wait) stop.emplace();
  return with_runtime(common, false, [&](Runtime& runtime, Reporter& reporter) -> Status {
    std::int64_t files = 0;
    if (stop) {
      MR_TRY(const auto hint, make_change_hint(runtime.config()));
      MR_TRY(files, schedule::wait_for_files(runtime.pipeline(), *hint, stop->token()));
    } else {
      MR_TRY(files, runtime.pipeline().load(true));
    }
    if (files == 0) reporter.say(fmt::format("nothing new in {}", runtime.config().lake.url));
    return ok();
  });
}

int run_serve(const CommonOptions& common, const std::string& listen) {
  StopOnSignal stop;
  return with_runtime(common, true, [&](Runtime& runtime, Reporter& reporter) -> Status {
    MR_TRY(const schedule::Generation g, runtime.pipeline().generation());
    if (g.number == 0)
      return Error{ErrorKind::not_found,
                   "nothing is published yet",
                   "run `millrace load` and `millrace build` first, or `millrace up`",
                   {}};
    MR_TRY(const auto server, runtime.start_server(listen));
    reporter.on_serving(server->address(), runtime.endpoint_paths());
    reporter.say(fmt::format("generation {}; Ctrl-C stops", g.number));
    std::mutex mutex;
    std::condition_variable_any until;
    std::unique_lock lock(mutex);
    until.wait(lock, stop.token(), [] { return false; });
    server->stop();
    reporter.say("stopped");
    return ok();
  });
}

int run_up(const CommonOptions& common, const std::string& listen) {
  StopOnSignal stop;
  return with_runtime(common, true, [&](Runtime& runtime, Reporter& reporter) -> Status {
    MR_TRY(const auto server, runtime.start_server(listen));
    MR_TRY(const auto hint, make_change_hint(runtime.config()));
    bool told = false;
    schedule::WatchOptions options;
    options.first_pause = runtime.config().sensor.poke_interval;
    options.recover = [&runtime] { return runtime.recover(); };
    options.at_leisure = [pace = TidyPace(system_clock()), &runtime]() mutable { return pace.turn(runtime); };
    options.on_published = [&](std::int64_t generation) -> Status {
      MR_CHECK(runtime.serve_generation(generation));
      if (std::exchange(told, true)) return ok();
      reporter.on_serving(server->address(), runtime.endpoint_paths());
      const std::string first = runtime.endpoint_paths().empty() ? "/" : runtime.endpoint_paths().front();
      reporter.say(
          fmt::format("\ntry      curl 'http://{0}{1}?limit=3'\n         curl 'http://{0}/readyz'\n"
                      "         {2} more.csv {3}      files are loaded as they land; Ctrl-C stops\n",
                      server->address(), first, runtime.config().lake.s3 ? "aws s3 cp" : "cp",
                      landing_places(runtime.config()).front()));
      return ok();
    };
    Status done = schedule::watch(runtime.pipeline(), *hint, reporter, options, stop.token());
    server->stop();
    reporter.say("stopped");
    return done;
  });
}

}  // namespace millrace::app
