#pragma once
/// \file ingest/sensor_options.h
/// How a source's files are waited for; what Airflow's users know from its sensors.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "lake/object_store.h"

namespace millrace::ingest {

/// What must be true of objects before they are handed on. Unset: not asked.
struct SensorChecks {
  std::optional<std::uint64_t> min_size, max_size;            ///< bytes of each object
  std::optional<std::chrono::milliseconds> min_age, max_age;  ///< of each object, by the store's clock
  std::int64_t min_objects = 0;                               ///< of what is handed on together

  /// Why this object is held back; "" where nothing speaks against it. Says the same as long as the reason is the same.
  [[nodiscard]] std::string against(const lake::ObjectInfo& object, WallTime now) const;
  [[nodiscard]] std::string against_count(std::size_t objects) const;
};

struct SensorOptions {
  std::chrono::milliseconds poke_interval{1000};  ///< between two looks
  std::chrono::milliseconds stable_for{300};      ///< how long a file's bytes must be quiet
  std::chrono::milliseconds timeout{0};           ///< without a file; 0: none
  bool soft_fail = false;                         ///< a timeout is told, and is no failure
  bool exponential_backoff = false;               ///< each look that finds nothing doubles the time to the next one
  std::chrono::milliseconds max_wait{300'000};    ///< to which it doubles at the most
  std::chrono::milliseconds unchanged_for{0};     ///< how long no file may have come or changed; 0: not asked
  /// Keys are ordered by time: most looks only list behind the last one that was taken.
  bool ordered = false;
  int sweep_every = 10;  ///< with `ordered`: each so many looks one lists everything, for keys that came late
  std::vector<std::string> complete;  ///< patterns below the source's folder, of which a set needs one match each
  SensorChecks check;
};

}  // namespace millrace::ingest
