#include "ingest/sensor_options.h"

#include <fmt/format.h>

#include "base/words.h"

namespace millrace::ingest {

std::string SensorChecks::against(const lake::ObjectInfo& object, WallTime now) const {
  if (min_size && object.size_bytes < *min_size)
    return fmt::format("{} is less than check.min_size, {}", bytes_in_words(object.size_bytes),
                       bytes_in_words(*min_size));
  if (max_size && object.size_bytes > *max_size)
    return fmt::format("{} is more than check.max_size, {}", bytes_in_words(object.size_bytes),
                       bytes_in_words(*max_size));
  const auto age = now - object.modified;
  if (min_age && age < *min_age) return fmt::format("younger than check.min_age, {}", to_words(*min_age));
  if (max_age && age > *max_age) return fmt::format("older than check.max_age, {}", to_words(*max_age));
  return {};
}

std::string SensorChecks::against_count(std::size_t objects) const {
  if (static_cast<std::int64_t>(objects) >= min_objects) return {};
  return fmt::format("{} there, check.min_objects is {}", counted(static_cast<std::int64_t>(objects), "object"),
                     min_objects);
}

}  // namespace millrace::ingest
