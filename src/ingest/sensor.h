#pragma once
/// \file ingest/sensor.h
/// Which files are there to be taken: listed (the truth), matched, and quiet.

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "ingest/source.h"
#include "lake/object_store.h"

namespace millrace::ingest {

struct Sensed {
  std::vector<lake::ObjectInfo> ready;  ///< by key
  std::vector<std::string> waiting;     ///< still being written, or not quiet for long enough
  std::vector<lake::Ignored> ignored;   ///< seen for the first time now, so that each is told once
};

/// Remembers what it saw from look to look. Threads: one thread at a time.
class Sensor {
 public:
  /// A file is quiet when nobody has it open for writing and its bytes have not changed for
  /// `stable_for`. Borrows store and clock.
  Sensor(lake::ObjectStore& store, const Clock& clock, std::chrono::milliseconds stable_for)
      : store_(&store), clock_(&clock), stable_for_(stable_for) {}

  /// One look at the source's folder. Errors: those of the listing.
  Result<Sensed> look(const Source& source);

 private:
  bool quiet(const Source& source, const lake::ObjectInfo& object);
  struct Seen {
    std::string version;
    SteadyTime since;
  };
  lake::ObjectStore* store_;
  const Clock* clock_;
  std::chrono::milliseconds stable_for_;
  std::map<std::string, std::map<std::string, Seen>> seen_;  // by source, then by key
  std::map<std::string, std::string> told_;                  // ignored key: reason
};

}  // namespace millrace::ingest
