#pragma once
/// \file lake/tiers/local_tiers.h
/// A lake in a folder with the tiers that S3 has by itself. Keys stay what they are; where the bytes of a tiered
/// object stand is this module's business:
///   cold/<key>.zst      packed; read as before
///   frozen/<key>.zst    packed; to be restored before it is read
///   restored/<key>.zst  read as before until the day in restored/<key>.until is over

#include <filesystem>
#include <memory>
#include <string_view>

#include "base/clock.h"
#include "lake/object_store.h"
#include "lake/tiers/tiers.h"

namespace millrace::lake {

/// How long a restored object can be read, as S3's restore does.
inline constexpr Days kRestoredFor{7};
/// Folders of the lake that hold tiered objects; sources cannot land there.
inline constexpr std::array<std::string_view, 3> kTierFolders{"cold/", "frozen/", "restored/"};
/// ObjectInfo::storage_class and, where it must be restored, ObjectInfo::cold_class.
inline constexpr std::string_view kColdClass = "cold", kFrozenClass = "archive", kRestoredClass = "restored";

/// Threads: safe to share.
class LocalTiers : public ObjectStore {
 public:
  /// Brings an object down to a tier; one that is there already is left alone. Its new copy is read back before the
  /// old one goes. Repeating it after a crash finishes it. Requires: cold or archive.
  /// Errors: conflict where the object has changed; unavailable where there is no room.
  /// Failpoints: lake.tier.before, lake.tier.before_remove
  virtual Status bring_down(const ObjectInfo& object, Tier tier) = 0;
};

/// `inner` is the local lake; `spool` a folder for files on their way, made when it is needed. Borrows the clock.
std::unique_ptr<LocalTiers> with_local_tiers(std::unique_ptr<ObjectStore> inner, std::filesystem::path spool,
                                             const Clock& clock);

}  // namespace millrace::lake
