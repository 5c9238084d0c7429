#include "contract/instant.h"

#include <array>

#include "contract/column.h"
#include "contract/convert.h"

namespace millrace {
namespace {

using enum RejectCode;

constexpr std::int64_t kYear1 = -719'162 * kMicrosPerDay, kYear10000 = 2'932'897 * kMicrosPerDay;

RejectCode in_years(Int128 instant, std::int64_t& micros) {
  if (instant < kYear1 || instant >= kYear10000) return bad_timestamp;
  micros = static_cast<std::int64_t>(instant);
  return none;
}

RejectCode read_epoch(EpochUnit unit, std::string_view text, std::int64_t& micros) {
  const auto number = to_int64(text);
  if (!number) return bad_timestamp;
  switch (unit) {
    case EpochUnit::s: return in_years(static_cast<Int128>(*number) * 1'000'000, micros);
    case EpochUnit::ms: return in_years(static_cast<Int128>(*number) * 1'000, micros);
    case EpochUnit::us: return in_years(*number, micros);
    case EpochUnit::ns: return *number % 1'000 == 0 ? in_years(*number / 1'000, micros) : bad_timestamp;
  }
  return bad_timestamp;
}

RejectCode from_local(const TimeZone& zone, DstPolicy policy, std::int64_t local, std::int64_t& micros) {
  const auto utc = zone.to_utc(local, policy);
  return utc ? in_years(*utc, micros) : ambiguous_time;
}

RejectCode from_suffix(const ColumnContract& column, std::int64_t local, std::string_view text, std::int64_t& micros) {
  const auto suffix = read_zone_suffix(text);
  if (!suffix) return bad_timestamp;
  std::optional<TimeZone> zone;
  if (!suffix->region.empty()) {
    auto loaded = TimeZone::load(suffix->region);
    if (!loaded) return bad_timestamp;
    zone = *std::move(loaded);
  }
  if (!suffix->offset_seconds) return from_local(*zone, column.dst_policy, local, micros);
  const std::int64_t utc = local - *suffix->offset_seconds * kMicrosPerSecond;
  // An offset that the region does not have there: one of the two is wrong, and nobody knows which.
  if (zone && !suffix->is_z && zone->offset_seconds_at(utc) != *suffix->offset_seconds) return bad_timestamp;
  return in_years(utc, micros);
}

/// Z and +03:00 behind a time, which is how nearly all come: without the full reader.
bool read_common(const TimeFormat& format, std::string_view text, std::int64_t& micros) {
  const std::size_t n = text.size();
  const bool is_z = n > 11 && text[n - 1] == 'Z';
  if (!is_z && !(n > 16 && text[n - 3] == ':' && (text[n - 6] == '+' || text[n - 6] == '-'))) return false;
  const std::size_t zone = is_z ? n - 1 : n - 6;
  const auto suffix = read_zone_suffix(text.substr(zone));
  const auto local = zone == 10 ? std::nullopt : format.timestamp(text.substr(0, zone));
  if (!suffix || !local) return false;
  return in_years(*local - *suffix->offset_seconds * kMicrosPerSecond, micros) == none;
}

}  // namespace

RejectCode read_instant(const ColumnContract& column, std::string_view text, std::int64_t& micros) {
  if (column.epoch_unit) return read_epoch(*column.epoch_unit, text, micros);
  const bool zoned = column.type.kind == TypeKind::timestamptz;
  if (zoned && read_common(*column.format, text, micros)) return none;
  const auto local = column.format->local(text);
  if (!local) return bad_timestamp;
  if (!zoned) return !local->rest.empty() && read_zone_suffix(local->rest) ? unexpected_zone : bad_timestamp;
  if (!local->rest.empty()) return from_suffix(column, local->micros, local->rest, micros);
  if (!column.default_zone || column.format->has_zone()) return bad_timestamp;
  return from_local(*column.default_zone, column.dst_policy, local->micros, micros);
}

}  // namespace millrace
