#pragma once
/// \file lake/tiers/tiers.h
/// How long files stay where they can be read at once, and how long they are kept: `tiers:` in millrace.yaml.
/// On S3 it becomes lifecycle rules; in a folder `lake/tiers/local_tiers.h` does the same.

#include <array>
#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/yaml.h"

namespace millrace::lake {

using Days = std::chrono::days;

/// Days after a file came into its area; nullopt: never. warm < cold < archive < keep, as far as they are set.
struct Tiers {
  std::optional<Days> warm;           ///< readable at once, cheaper to keep (S3: STANDARD_IA)
  std::optional<Days> cold;           ///< readable at once, packed (S3: GLACIER_IR)
  std::optional<Days> archive;        ///< to be restored before it is read (S3: DEEP_ARCHIVE)
  std::optional<Days> keep;           ///< deleted; the ledger keeps its row
  std::optional<Days> abort_uploads;  ///< unfinished uploads of the whole lake are given up

  bool operator==(const Tiers&) const = default;
  [[nodiscard]] bool moves_files() const { return warm || cold || archive; }
};

/// Areas whose files go through all tiers, and those that are only deleted at the end (`keep`).
inline constexpr std::array<std::string_view, 1> kTieredAreas{"processed"};
inline constexpr std::array<std::string_view, 3> kKeptAreas{"processed", "quarantine", "unloaded"};

/// The class a file has by its age; ordered.
enum class Tier : std::uint8_t { hot, warm, cold, archive, expired };
std::string_view name_of(Tier tier);

/// Which tier a file of this area is due for that came in on day `since`, as S3 counts: a change after N days is due at
/// the first midnight UTC that is N days or more after the time the file came in at.
Tier tier_due(const Tiers& tiers, std::string_view area, std::chrono::sys_days since, WallTime now);

/// "processed/dt=2026-11-22/orders/a~000017.csv": the 22nd. nullopt where the key names no day.
std::optional<std::chrono::sys_days> day_of_key(std::string_view key);
/// "processed" of that key; "" where it has no folder.
std::string_view area_of_key(std::string_view key);

/// "30d", "2w", "7y" (a year has 365 days). Errors: invalid_input.
Result<Days> parse_days(std::string_view text);
std::string to_words(Days days);  ///< "30d", "7y"

/// Reads and validates the section `tiers`; nullptr: no tiers. Errors: invalid_input at file:line:column.
Result<Tiers> read_tiers(const yaml::Node* node, const yaml::Place& place);

}  // namespace millrace::lake
