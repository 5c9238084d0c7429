#include "ingest/sensor.h"

#include <fmt/format.h>

#include "base/failpoint.h"
#include "base/log.h"
#include "base/words.h"

namespace millrace::ingest {
namespace {

constexpr std::size_t kMostKeysLogged = 20;
constexpr int kHintedLooks = 10;

void log_handed(const HandedOn& h) {
  std::vector<std::string> keys;
  for (std::size_t i = 0; i < std::min(h.objects.size(), kMostKeysLogged); ++i) keys.push_back(h.objects[i].key);
  if (h.objects.size() > kMostKeysLogged) keys.emplace_back("…");
  log::event("objects_sensed", log::Level::debug,
             {{"source", h.source}, {"set", h.set}, {"objects", h.objects.size()}, {"keys", join(keys, ", ")}});
}

}  // namespace

Result<Sensor::Memory*> Sensor::memory_of(const Source& source) {
  if (const auto found = memory_.find(source.name); found != memory_.end()) return &found->second;
  MR_TRY(KeyPattern keys, KeyPattern::compile(source.pattern));
  Memory memory(std::move(keys));
  if (!source.sensor.complete.empty()) {
    MR_TRY(memory.sets, KeySets::compile(source.folder(), source.sensor.complete));
  }
  return &memory_.emplace(source.name, std::move(memory)).first->second;
}

bool Sensor::quiet(const Source& source, Memory& memory, const lake::ObjectInfo& object) {
  if (store_->objects_appear_whole()) return true;
  const SteadyTime now = clock_->steady();
  Seen& seen = memory.seen.try_emplace(object.key, Seen{object.version, now}).first->second;
  if (seen.version != object.version) seen = {object.version, now};
  const auto writing = store_->being_written(object);
  if (writing == true) {
    seen.since = now;
    return false;
  }
  if (now - seen.since >= source.sensor.stable_for) return true;
  // A file that was quiet before we came need not wait again. Only where the store can tell that
  // nobody writes to it: a copy may keep an old time while it is still being made.
  const auto age = clock_->now() - object.modified;
  return writing == false && age >= source.sensor.stable_for;
}

/// Has no object come or changed for `unchanged_for`? One that goes is no change: we take them ourselves.
bool Sensor::unchanged(const Source& source, Memory& memory, const std::vector<lake::ObjectInfo>& objects) {
  const SteadyTime now = clock_->steady();
  const auto wanted = source.sensor.unchanged_for;
  bool grown = false;
  std::map<std::string, std::string> there;
  WallTime newest{};
  for (const lake::ObjectInfo& o : objects) {
    const auto before = memory.there.find(o.key);
    grown = grown || before == memory.there.end() || before->second != o.version;
    there.emplace(o.key, o.version);
    newest = std::max(newest, o.modified);
  }
  memory.there = std::move(there);
  if (!memory.changed && store_->objects_appear_whole()) {
    // At start its times tell how long the store has been quiet already.
    const auto age =
        std::clamp<std::chrono::microseconds>(clock_->now() - newest, std::chrono::microseconds(0), wanted);
    memory.changed = now - age;
  } else if (!memory.changed || grown) {
    memory.changed = now;
  }
  return now - *memory.changed >= wanted;
}

Result<lake::Listing> Sensor::list(const Source& source, Memory& memory, bool& whole) {
  const std::string folder = source.folder();
  const bool late = std::any_of(hinted_.begin(), hinted_.end(), [&](const auto& hinted) {
    return hinted.first.starts_with(folder) && hinted.first <= memory.done_up_to;
  });
  const int every = std::max(1, source.sensor.sweep_every);
  whole = !source.sensor.ordered || late || memory.done_up_to.empty() || memory.looks % every == 0;
  ++memory.looks;
  return whole ? store_->list(folder) : store_->list_after(folder, memory.done_up_to);
}

Sensor::Groups Sensor::grouped(Memory& memory, std::vector<lake::ObjectInfo> objects,
                               std::vector<lake::Ignored>& ignored) {
  Groups out;
  for (lake::ObjectInfo& object : objects) {
    if (!memory.sets) {
      out[""].objects.push_back(std::move(object));
      continue;
    }
    const auto place = memory.sets->place_of(object.key);
    if (!place) {
      ignored.push_back({object.key, "belongs to no set of sensor.complete"});
      continue;
    }
    Group& group = out[place->set];
    group.have.resize(memory.sets->size());
    group.have[place->pattern] = true;
    group.objects.push_back(std::move(object));
  }
  return out;
}

/// Where a part of a set was taken already, by a run that was cut or because a file is corrected later, the rest
/// must not wait for ever.
Status Sensor::add_taken(const Source& source, Memory& memory, Groups& groups) {
  std::string incomplete;
  for (const auto& [set, group] : groups)
    if (!group.whole()) incomplete += set + "\n" + memory.sets->missing(group.have) + "\n";
  if (incomplete.empty() || !taken_before) return ok();
  if (incomplete != memory.taken_for) {
    MR_TRY(const std::vector<std::string> keys, taken_before(source));
    memory.taken.clear();
    for (const std::string& key : keys) {
      const auto place = memory.sets->place_of(key);
      if (!place) continue;
      auto& have = memory.taken[place->set];
      have.resize(memory.sets->size());
      have[place->pattern] = true;
    }
    memory.taken_for = std::move(incomplete);
  }
  for (auto& [set, group] : groups) {
    const auto before = memory.taken.find(set);
    for (std::size_t i = 0; before != memory.taken.end() && i < group.have.size(); ++i)
      if (before->second[i]) group.have[i] = true;
  }
  return ok();
}

void Sensor::hand_on(const Source& source, Memory& memory, Groups groups, std::map<std::string, std::string>& held,
                     Sensed& out) {
  for (auto& [set, group] : groups) {
    const std::string& what = set.empty() ? source.pattern : set;
    std::string reason = source.sensor.check.against_count(group.objects.size());
    if (!group.whole()) reason = "waits for " + memory.sets->missing(group.have);
    if (!reason.empty()) {
      held.emplace(what, std::move(reason));
      continue;
    }
    HandedOn handed{source.name, set, {}};
    for (lake::ObjectInfo& object : group.objects) {
      if (!set.empty()) out.sets.emplace(object.key, set);
      if (std::exchange(memory.handed[object.key], object.version) != object.version) handed.objects.push_back(object);
      out.ready.push_back(std::move(object));
    }
    if (handed.objects.empty()) continue;
    memory.taken_for.clear();
    log_handed(handed);
    out.handed.push_back(std::move(handed));
  }
}

void Sensor::hint(const std::vector<std::string>& keys) {
  for (const std::string& key : keys) hinted_[key] = kHintedLooks;
}

/// Is a hinted key of this source not listed yet? Those that are found, were taken, or do not come are forgotten.
bool Sensor::expecting(const Source& source, const Memory& memory, const lake::Listing& listing) {
  const std::string folder = source.folder();
  const auto listed = [&](const std::string& key) {
    const auto at = std::lower_bound(listing.objects.begin(), listing.objects.end(), key,
                                     [](const lake::ObjectInfo& o, const std::string& k) { return o.key < k; });
    return at != listing.objects.end() && at->key == key;
  };
  bool any = false;
  for (auto hinted = hinted_.begin(); hinted != hinted_.end();) {
    if (!hinted->first.starts_with(folder)) {
      ++hinted;
    } else if (listed(hinted->first) || memory.handed.contains(hinted->first) || --hinted->second <= 0) {
      hinted = hinted_.erase(hinted);
    } else {
      any = true;
      ++hinted;
    }
  }
  return any;
}

Result<Sensed> Sensor::look(const Source& source) {
  MR_FAILPOINT("ingest.sense.before");
  MR_TRY(Memory* const memory, memory_of(source));
  bool whole = true;
  MR_TRY(lake::Listing listing, list(source, *memory, whole));
  Sensed out;
  const std::map<std::string, int> hinted = hinted_;
  out.expecting = expecting(source, *memory, listing);
  std::map<std::string, Seen> still_there;
  std::map<std::string, std::string> held, handed;
  std::vector<lake::ObjectInfo> matched, candidates;
  std::string done_up_to;
  for (lake::ObjectInfo& object : listing.objects) {
    if (!memory->keys.matches(object.key)) {
      listing.ignored.push_back({object.key, "does not match " + source.pattern});
      continue;
    }
    const bool ready = quiet(source, *memory, object);
    if (const auto seen = memory->seen.find(object.key); seen != memory->seen.end()) still_there.insert(*seen);
    if (const auto before = memory->handed.find(object.key); before != memory->handed.end()) handed.insert(*before);
    std::string against = source.sensor.check.against(object, clock_->now());
    if (ready && against.empty()) candidates.push_back(object);
    if (out.waiting.empty() && held.empty() && ready && against.empty()) done_up_to = object.key;
    if (!ready) out.waiting.push_back(object.key);
    if (ready && !against.empty()) held.emplace(object.key, std::move(against));
    matched.push_back(std::move(object));
  }
  memory->seen = std::move(still_there);  // of the others nothing is known now
  if (whole) memory->handed = std::move(handed);
  if (whole || !done_up_to.empty()) memory->done_up_to = std::move(done_up_to);
  if (source.sensor.unchanged_for.count() > 0 && !unchanged(source, *memory, matched)) {
    if (!candidates.empty())
      held.emplace(source.pattern,
                   "something has come or changed, and unchanged_for is " + to_words(source.sensor.unchanged_for));
    candidates.clear();
  }
  Groups groups = grouped(*memory, std::move(candidates), listing.ignored);
  if (memory->sets) MR_CHECK(add_taken(source, *memory, groups));
  hand_on(source, *memory, std::move(groups), held, out);
  std::stable_partition(out.ready.begin(), out.ready.end(),
                        [&](const lake::ObjectInfo& o) { return hinted.contains(o.key); });
  for (const auto& [what, reason] : held)
    if (const auto told = memory->held.find(what); told == memory->held.end() || told->second != reason)
      out.held.push_back({source.name, what, reason});
  memory->held = std::move(held);
  for (lake::Ignored& i : listing.ignored)
    if (told_.emplace(i.key, i.reason).second) out.ignored.push_back(std::move(i));
  return out;
}

}  // namespace millrace::ingest
