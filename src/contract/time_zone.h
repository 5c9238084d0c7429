#pragma once
/// \file contract/time_zone.h
/// From local times to instants: zones of the IANA database, and the zones that stand behind a time.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace millrace {

/// Which instant a local time is that the clocks show twice (or never, when they jump over it).
enum class DstPolicy : std::uint8_t { reject, earlier, later };

/// Copies share the rules. Threads: safe to share.
class TimeZone {
 public:
  /// Errors: invalid_input where the machine's database has no zone of this name.
  static Result<TimeZone> load(std::string_view name);

  [[nodiscard]] const std::string& name() const { return name_; }
  /// Microseconds since the epoch, UTC, of a local time in microseconds since 1970-01-01 00:00:00.
  /// nullopt: there is no such time, or there are two, and the policy says reject.
  [[nodiscard]] std::optional<std::int64_t> to_utc(std::int64_t local_micros, DstPolicy policy) const;
  [[nodiscard]] std::int64_t offset_seconds_at(std::int64_t utc_micros) const;

 private:
  struct Rules;
  std::shared_ptr<const Rules> rules_;
  std::string name_;
};

/// A zone behind a time: Z, +03, +0300, +03:00, [Europe/Paris], or an offset and a region.
struct ZoneSuffix {
  std::optional<std::int64_t> offset_seconds;
  bool is_z = false;        ///< "Z": says nothing about the region's own offset (RFC 9557)
  std::string_view region;  ///< "" where none is named
};
/// The whole text, one blank in front allowed; nullopt: it is no zone.
std::optional<ZoneSuffix> read_zone_suffix(std::string_view text);

}  // namespace millrace
