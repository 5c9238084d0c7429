#include "contract/time_zone.h"

#include <absl/time/civil_time.h>
#include <absl/time/time.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <mutex>

#include "contract/time_layout.h"

namespace millrace {

struct TimeZone::Rules {
  absl::TimeZone zone;
};

namespace {

/// A name of the database, and no path to somewhere else. "localtime" is another zone on each machine.
bool is_zone_name(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' || c == '_' ||
           c == '-' || c == '+';
  };
  return !name.empty() && name.size() <= 64 && name.front() != '/' && name != "localtime" &&
         std::all_of(name.begin(), name.end(), allowed);
}

/// The library keeps every name it was ever asked for: it is asked for those only that are there, since
/// names stand in files too.
bool in_database(const std::string& name) {
  const char* folder = std::getenv("TZDIR");
  std::error_code ec;
  return std::filesystem::is_regular_file(
      std::filesystem::path(folder == nullptr ? "/usr/share/zoneinfo" : folder) / name, ec);
}

std::int64_t two_digits(std::string_view digits) { return (digits[0] - '0') * 10 + (digits[1] - '0'); }

/// +03, +0300 or +03:00, up to 18 hours.
std::optional<std::int64_t> read_offset(std::string_view text) {
  const bool colon = text.size() == 6 && text[3] == ':';
  std::string digits(text.substr(1, 2));
  if (text.size() != 3) digits += text.substr(colon ? 4 : 3);
  if (!(text.size() == 3 || text.size() == 5 || colon) || (text[0] != '+' && text[0] != '-') ||
      !std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; }))
    return std::nullopt;
  const std::int64_t hours = two_digits(digits);
  const std::int64_t minutes = digits.size() == 4 ? two_digits(std::string_view(digits).substr(2)) : 0;
  if (minutes > 59 || hours * 60 + minutes > 18 * 60) return std::nullopt;
  const std::int64_t seconds = hours * 3600 + minutes * 60;
  return text[0] == '-' ? -seconds : seconds;
}

}  // namespace

Result<TimeZone> TimeZone::load(std::string_view name) {
  static std::mutex mutex;
  static std::map<std::string, TimeZone, std::less<>> known;
  const std::lock_guard lock(mutex);
  if (const auto it = known.find(name); it != known.end()) return it->second;
  auto rules = std::make_shared<Rules>();
  TimeZone out;
  out.name_ = name;
  if (!is_zone_name(name) || !in_database(out.name_) || !absl::LoadTimeZone(out.name_, &rules->zone))
    return Error{ErrorKind::invalid_input,
                 fmt::format("found \"{}\", expected a time zone such as Europe/Lisbon or UTC", name),
                 "zones are those of the system's database: the package tzdata brings it",
                 {}};
  out.rules_ = std::move(rules);
  known.emplace(name, out);
  return out;
}

std::optional<std::int64_t> TimeZone::to_utc(std::int64_t local_micros, DstPolicy policy) const {
  std::int64_t seconds = local_micros / kMicrosPerSecond, micros = local_micros % kMicrosPerSecond;
  if (micros < 0) {
    --seconds;
    micros += kMicrosPerSecond;
  }
  const absl::TimeZone::TimeInfo info = rules_->zone.At(absl::CivilSecond(1970, 1, 1) + seconds);
  absl::Time instant = info.pre;
  if (info.kind != absl::TimeZone::TimeInfo::UNIQUE) {
    if (policy == DstPolicy::reject) return std::nullopt;
    // In a gap the offset before the change gives the later instant, in a fold the earlier one.
    instant = policy == DstPolicy::earlier ? std::min(info.pre, info.post) : std::max(info.pre, info.post);
  }
  return absl::ToUnixMicros(instant) + micros;
}

std::int64_t TimeZone::offset_seconds_at(std::int64_t utc_micros) const {
  return rules_->zone.At(absl::FromUnixMicros(utc_micros)).offset;
}

std::optional<ZoneSuffix> read_zone_suffix(std::string_view text) {
  ZoneSuffix out;
  if (text.ends_with(']')) {
    const auto open = text.find('[');
    if (open == std::string_view::npos || open + 2 >= text.size()) return std::nullopt;
    out.region = text.substr(open + 1, text.size() - open - 2);
    if (!is_zone_name(out.region)) return std::nullopt;
    text = text.substr(0, open);
    if (text.empty()) return out;
  }
  if (text.starts_with(' ')) text.remove_prefix(1);
  if (text == "Z") {
    out.offset_seconds = 0;
    out.is_z = true;
    return out;
  }
  if (text.size() < 3) return std::nullopt;
  out.offset_seconds = read_offset(text);
  if (!out.offset_seconds) return std::nullopt;
  return out;
}

}  // namespace millrace
