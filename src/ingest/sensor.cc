#include "ingest/sensor.h"

#include "base/failpoint.h"

namespace millrace::ingest {

bool Sensor::quiet(const Source& source, const lake::ObjectInfo& object) {
  const SteadyTime now = clock_->steady();
  Seen& seen = seen_[source.name].try_emplace(object.key, Seen{object.version, now}).first->second;
  if (seen.version != object.version) seen = {object.version, now};
  const auto writing = store_->being_written(object);
  if (writing == true) {
    seen.since = now;
    return false;
  }
  if (now - seen.since >= stable_for_) return true;
  // A file that was quiet before we came need not wait again. Only where the store can tell that
  // nobody writes to it: a copy may keep an old time while it is still being made.
  const auto age = clock_->now() - object.modified;
  return writing == false && age >= stable_for_;
}

Result<Sensed> Sensor::look(const Source& source) {
  MR_FAILPOINT("ingest.sense.before");
  MR_TRY(lake::Listing listing, store_->list(source.folder()));
  Sensed out;
  std::map<std::string, Seen> still_there;
  for (lake::ObjectInfo& object : listing.objects) {
    if (!source.matches(object.key)) {
      listing.ignored.push_back({object.key, "does not match " + source.pattern});
      continue;
    }
    const bool ready = quiet(source, object);
    still_there.insert(*seen_[source.name].find(object.key));
    if (ready)
      out.ready.push_back(std::move(object));
    else
      out.waiting.push_back(object.key);
  }
  seen_[source.name] = std::move(still_there);  // of the others nothing is known now
  for (lake::Ignored& i : listing.ignored)
    if (told_.emplace(i.key, i.reason).second) out.ignored.push_back(std::move(i));
  return out;
}

}  // namespace millrace::ingest
