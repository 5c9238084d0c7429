#include "app/config_sensor.h"

#include <fmt/format.h>

#include "app/config.h"
#include "app/config_parts.h"
#include "base/words.h"
#include "ingest/key_sets.h"

namespace millrace::app {
namespace {

using ingest::SensorOptions;
using std::chrono::milliseconds;
using yaml::Fields;

constexpr std::string_view kTimes[] = {"poke_interval", "stable_for", "timeout", "max_wait", "unchanged_for"};

milliseconds& time_of(SensorOptions& o, std::string_view key) {
  return key == "poke_interval" ? o.poke_interval
         : key == "stable_for"  ? o.stable_for
         : key == "timeout"     ? o.timeout
         : key == "max_wait"    ? o.max_wait
                                : o.unchanged_for;
}

/// What may stand for all sources or for one. `of_all`: the table's defaults hold, and not those in `o`.
Status read_common(Fields& f, SensorOptions& o, bool of_all) {
  for (const std::string_view key : kTimes) {
    if (!of_all && f.any(key) == nullptr) continue;
    MR_TRY(time_of(o, key), duration(f, key, of_all ? default_of(fmt::format("pipelines.<name>.sensor.{}", key)) : ""));
  }
  MR_TRY(o.soft_fail, f.boolean("soft_fail", o.soft_fail));
  MR_TRY(o.exponential_backoff, f.boolean("exponential_backoff", o.exponential_backoff));
  if (o.poke_interval == milliseconds(0))
    return wrong(f, "poke_interval", "found 0, expected a time between two looks such as 1s");
  if (f.any("max_wait") != nullptr && !of_all && !o.exponential_backoff)
    return wrong(f, "max_wait", "it is only asked with exponential_backoff: true", "add that, or take max_wait out");
  return ok();
}

Status read_checks(Fields& sensor, ingest::SensorChecks& check) {
  MR_TRY(Fields f, section(sensor, "check"));
  const auto size = [&](std::string_view key, std::optional<std::uint64_t>& into) -> Status {
    if (f.any(key) == nullptr) return ok();
    MR_TRY(into, bytes(f, key, ""));
    return ok();
  };
  const auto age = [&](std::string_view key, std::optional<milliseconds>& into) -> Status {
    if (f.any(key) == nullptr) return ok();
    MR_TRY(into, duration(f, key, ""));
    return ok();
  };
  MR_CHECK(size("min_size", check.min_size));
  MR_CHECK(size("max_size", check.max_size));
  MR_CHECK(age("min_age", check.min_age));
  MR_CHECK(age("max_age", check.max_age));
  MR_TRY(check.min_objects, f.integer("min_objects", 0));
  MR_CHECK(f.done());
  if (check.min_objects < 0)
    return wrong(f, "min_objects", fmt::format("found {}, expected 0 or more", check.min_objects));
  if (check.min_size && check.max_size && *check.min_size > *check.max_size)
    return wrong(f, "min_size", "it is more than max_size: no object could pass");
  if (check.min_age && check.max_age && *check.min_age > *check.max_age)
    return wrong(f, "min_age", "it is more than max_age: no object could pass");
  return ok();
}

Status read_complete(Fields& f, const std::string& files, SensorOptions& o) {
  MR_TRY(o.complete, f.texts("complete"));
  if (o.complete.empty()) return ok();
  for (const std::string& pattern : o.complete)
    if (pattern.starts_with("regex:") || pattern.starts_with('/') || pattern.find("..") != std::string::npos)
      return wrong(f, "complete",
                   fmt::format("found \"{}\", expected a wildcard below the source's folder", printable(pattern)),
                   "for example \"{date}/orders.csv\"");
  if (auto sets = ingest::KeySets::compile(ingest::literal_folder(files), o.complete); !sets)
    return wrong(f, "complete", sets.error().message, sets.error().hint);
  return ok();
}

/// A look that lists only behind the last key cannot know what it would have to know about the others.
Status check_ordered(const Fields& f, const SensorOptions& o) {
  if (!o.ordered) return ok();
  const std::string_view other = !o.complete.empty()           ? "complete"
                                 : o.unchanged_for.count() > 0 ? "unchanged_for"
                                 : o.check.min_objects > 0     ? "check.min_objects"
                                                               : "";
  if (other.empty()) return ok();
  return wrong(f, "ordered", fmt::format("it does not go together with {}, which is about all objects at once", other),
               fmt::format("take ordered or {} out", other));
}

}  // namespace

Result<SensorOptions> read_default_sensor(Fields& pipeline) {
  MR_TRY(Fields f, section(pipeline, "sensor"));
  SensorOptions o;
  MR_CHECK(read_common(f, o, true));
  MR_CHECK(f.done());
  return o;
}

Result<SensorOptions> read_source_sensor(Fields& source, const std::string& files, const SensorOptions& otherwise) {
  MR_TRY(Fields f, section(source, "sensor"));
  SensorOptions o = otherwise;
  MR_CHECK(read_common(f, o, false));
  MR_TRY(o.ordered, f.boolean("ordered", false));
  MR_TRY(const std::int64_t every, f.integer("sweep_every", o.sweep_every));
  if (every < 1 || every > 10'000) return wrong(f, "sweep_every", fmt::format("found {}, expected 1 to 10000", every));
  if (f.any("sweep_every") != nullptr && !o.ordered)
    return wrong(f, "sweep_every", "it is only asked with ordered: true", "add that, or take sweep_every out");
  o.sweep_every = static_cast<int>(every);
  MR_CHECK(read_complete(f, files, o));
  MR_CHECK(read_checks(f, o.check));
  MR_CHECK(check_ordered(f, o));
  MR_CHECK(f.done());
  return o;
}

}  // namespace millrace::app
