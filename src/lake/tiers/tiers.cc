#include "lake/tiers/tiers.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace millrace::lake {
namespace {

using std::chrono::sys_days;
using yaml::Fields;

constexpr std::array<std::string_view, 5> kTierNames{"hot", "warm", "cold", "archive", "expired"};
constexpr std::int64_t kMostDays = 36'500;

/// A number of exactly so many digits.
std::optional<int> digits(std::string_view text) {
  int n = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (ec != std::errc{} || end != text.data() + text.size() || n < 0 || text.starts_with('-')) return std::nullopt;
  return n;
}

Result<std::optional<Days>> read_days(Fields& f, std::string_view key) {
  MR_TRY(const std::string text, f.text(key, ""));
  if (text.empty()) return std::optional<Days>{};
  const auto days = parse_days(text);
  if (!days)
    return yaml::error_at(f.place().member(key), *f.node().find(key), days.error().message,
                          "files move and are deleted by whole days");
  return std::optional<Days>(*days);
}

}  // namespace

std::string_view name_of(Tier tier) { return kTierNames[static_cast<std::size_t>(tier)]; }

Tier tier_due(const Tiers& tiers, std::string_view area, sys_days since, WallTime now) {
  const auto in = [&](const auto& areas) { return std::find(areas.begin(), areas.end(), area) != areas.end(); };
  // A file that came in during a day is N days old at some time of day N, and N days are over at the next midnight.
  const auto over = [&](const std::optional<Days>& days) { return days && now >= since + *days + Days{1}; };
  if (in(kKeptAreas) && over(tiers.keep)) return Tier::expired;
  if (!in(kTieredAreas)) return Tier::hot;
  if (over(tiers.archive)) return Tier::archive;
  if (over(tiers.cold)) return Tier::cold;
  return over(tiers.warm) ? Tier::warm : Tier::hot;
}

std::optional<sys_days> day_of_key(std::string_view key) {
  const auto slash = key.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::string_view rest = key.substr(slash + 1);
  if (!rest.starts_with("dt=") || rest.size() < 14 || rest[7] != '-' || rest[10] != '-' || rest[13] != '/')
    return std::nullopt;
  const auto year = digits(rest.substr(3, 4)), month = digits(rest.substr(8, 2)), day = digits(rest.substr(11, 2));
  if (!year || !month || !day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{*year}, std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  return date.ok() ? std::optional<sys_days>(date) : std::nullopt;
}

std::string_view area_of_key(std::string_view key) {
  const auto slash = key.find('/');
  return slash == std::string_view::npos ? std::string_view{} : key.substr(0, slash);
}

Result<Days> parse_days(std::string_view text) {
  std::int64_t n = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), n);
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  const std::int64_t each = unit == "d" ? 1 : unit == "w" ? 7 : unit == "y" ? 365 : 0;
  if (ec == std::errc{} && each > 0 && n > 0 && n <= kMostDays / each) return Days{static_cast<int>(n * each)};
  return Error{ErrorKind::invalid_input,
               fmt::format("found \"{}\", expected days, weeks or years, from 1d to 100y: 30d, 2w, 7y", text),
               {},
               {}};
}

std::string to_words(Days days) {
  return days.count() % 365 == 0 ? fmt::format("{}y", days.count() / 365) : fmt::format("{}d", days.count());
}

Result<Tiers> read_tiers(const yaml::Node* node, const yaml::Place& place) {
  Tiers tiers;
  if (node == nullptr) return tiers;
  MR_TRY(Fields f, Fields::of(*node, place));
  MR_TRY(tiers.warm, read_days(f, "warm"));
  MR_TRY(tiers.cold, read_days(f, "cold"));
  MR_TRY(tiers.archive, read_days(f, "archive"));
  MR_TRY(tiers.keep, read_days(f, "keep"));
  MR_TRY(tiers.abort_uploads, read_days(f, "abort_uploads"));
  MR_CHECK(f.done());
  const std::array<std::pair<std::string_view, std::optional<Days>>, 4> order{
      {{"warm", tiers.warm}, {"cold", tiers.cold}, {"archive", tiers.archive}, {"keep", tiers.keep}}};
  std::string_view before;
  std::optional<Days> last;
  for (const auto& [key, days] : order) {
    if (!days) continue;
    if (last && *days <= *last)
      return yaml::error_at(
          f.place().member(key), *f.node().find(key),
          fmt::format("found {}, expected more than {} of {}", to_words(*days), to_words(*last), before),
          "files go from warm to cold to archive, and are deleted last");
    before = key;
    last = days;
  }
  return tiers;
}

}  // namespace millrace::lake
