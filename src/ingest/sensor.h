#pragma once
/// \file ingest/sensor.h
/// Which files are there to be taken: listed (the truth), matched, quiet, checked, and complete.

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "ingest/key_pattern.h"
#include "ingest/key_sets.h"
#include "ingest/source.h"
#include "lake/object_store.h"

namespace millrace::ingest {

/// Objects that were handed on together for the first time.
struct HandedOn {
  std::string source, set;  ///< set: "date=2026-11-01"; "" where there are none
  std::vector<lake::ObjectInfo> objects;
};

/// Something that is there, and waits for more than a moment.
struct HeldBack {
  std::string source, what, reason;  ///< what: a key, a set, or the source's pattern
};

struct Sensed {
  std::vector<lake::ObjectInfo>
      ready;  ///< by key, those that were hinted at first; also what could not be taken before
  std::map<std::string, std::string> sets;  ///< by key, of what is ready: its set
  std::vector<HandedOn> handed;             ///< of what is ready: news, each object's version once
  std::vector<std::string> waiting;         ///< still being written, or not quiet for long enough
  std::vector<HeldBack> held;               ///< news: each told once as long as its reason is the same
  std::vector<lake::Ignored> ignored;       ///< seen for the first time now, so that each is told once
  bool expecting = false;                   ///< a key that was hinted at is not listed yet: look again soon
};

/// Remembers what it saw from look to look. Threads: one thread at a time.
class Sensor {
 public:
  /// Borrows store and clock.
  Sensor(lake::ObjectStore& store, const Clock& clock) : store_(&store), clock_(&clock) {}

  /// Keys of the source that were taken before: a set that is partly loaded is complete all the same. May be empty.
  std::function<Result<std::vector<std::string>>(const Source&)> taken_before;

  /// One look at the source's folder. A file is quiet when nobody has it open for writing and its bytes have not
  /// changed for `stable_for`; where objects appear whole they always are.
  /// Errors: those of the listing; invalid_input for a pattern that is wrong.
  Result<Sensed> look(const Source& source);

  /// These keys are said to have come. They are taken first, and found wherever they stand.
  /// An event may come before the listing shows its object: such a key is expected for a few looks.
  void hint(const std::vector<std::string>& keys);

 private:
  struct Seen {
    std::string version;
    SteadyTime since;
  };
  struct Group {
    std::vector<lake::ObjectInfo> objects;
    std::vector<bool> have;  // of the patterns of a set
    [[nodiscard]] bool whole() const { return std::find(have.begin(), have.end(), false) == have.end(); }
  };
  using Groups = std::map<std::string, Group>;  // by set
  /// What is remembered of one source.
  struct Memory {
    explicit Memory(KeyPattern k) : keys(std::move(k)) {}
    KeyPattern keys;
    std::optional<KeySets> sets;  // nullopt: files stand for themselves
    std::map<std::string, Seen> seen;
    std::map<std::string, std::string> handed;       // key: version
    std::map<std::string, std::string> held;         // what: reason
    std::map<std::string, std::vector<bool>> taken;  // set: patterns of which a file was taken before
    std::string taken_for;                           // the sets that were incomplete when this was asked
    std::map<std::string, std::string> there;        // key: version, of the last look
    std::optional<SteadyTime> changed;               // when `there` last grew
    std::string done_up_to;                          // with `ordered`: all keys up to here were handed on
    int looks = 0;
  };
  Result<Memory*> memory_of(const Source& source);
  Result<lake::Listing> list(const Source& source, Memory& memory, bool& whole);
  bool quiet(const Source& source, Memory& memory, const lake::ObjectInfo& object);
  bool unchanged(const Source& source, Memory& memory, const std::vector<lake::ObjectInfo>& objects);
  Groups grouped(Memory& memory, std::vector<lake::ObjectInfo> objects, std::vector<lake::Ignored>& ignored);
  Status add_taken(const Source& source, Memory& memory, Groups& groups);
  void hand_on(const Source& source, Memory& memory, Groups groups, std::map<std::string, std::string>& held,
               Sensed& out);
  bool expecting(const Source& source, const Memory& memory, const lake::Listing& listing);
  lake::ObjectStore* store_;
  const Clock* clock_;
  std::map<std::string, Memory> memory_;     // by source
  std::map<std::string, std::string> told_;  // ignored key: reason
  std::map<std::string, int> hinted_;        // key: looks until it is given up
};

}  // namespace millrace::ingest
