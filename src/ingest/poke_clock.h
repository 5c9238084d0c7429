#pragma once
/// \file ingest/poke_clock.h
/// When a source is looked at next, and whether it has been without a file for too long.

#include <chrono>

#include "base/clock.h"
#include "ingest/sensor_options.h"

namespace millrace::ingest {

/// Threads: one thread at a time.
class PokeClock {
 public:
  PokeClock(const SensorOptions& options, SteadyTime start)
      : poke_(options.poke_interval),
        most_(options.exponential_backoff ? std::max(options.max_wait, options.poke_interval) : options.poke_interval),
        timeout_(options.timeout),
        pause_(options.poke_interval),
        due_(start),
        since_(start) {}

  [[nodiscard]] bool due(SteadyTime now) const { return now >= due_; }
  /// Until the next look, or until it has been without a file for too long.
  [[nodiscard]] std::chrono::milliseconds until_due(SteadyTime now) const;
  /// Something may have changed: the next look is now, and the pauses begin short again.
  void wake(SteadyTime now);

  /// What a look has found: files that are handed on, files that settle and are to be looked at soon, nothing.
  enum class Found : std::uint8_t { files, settling, nothing };
  void looked(SteadyTime now, Found found);

  /// Has it been without a file for `timeout`? True once for each such time.
  bool timed_out(SteadyTime now);
  [[nodiscard]] bool has_timed_out() const { return told_; }   ///< since the last file
  [[nodiscard]] bool has_found() const { return has_found_; }  ///< any file, ever

 private:
  std::chrono::milliseconds poke_, most_, timeout_, pause_;
  SteadyTime due_, since_;
  bool told_ = false, has_found_ = false;
};

}  // namespace millrace::ingest
