#include "lake/landed.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/words.h"
#include "lake/tiers/tiers.h"

namespace millrace::lake {
namespace {

Result<std::unique_ptr<UnpackedObject>> open_unpacked(ObjectStore& store, const ObjectInfo& object) {
  // `object` may have the size of the landed bytes: the packed ones are asked for.
  MR_TRY(const auto now, store.head(object.key));
  if (!now) return Error{ErrorKind::not_found, fmt::format("{}: is gone", store.url_of(object.key)), {}, {}};
  if (now->version != object.version)
    return Error{ErrorKind::conflict, fmt::format("{}: changed after it was listed", store.url_of(object.key)), {}, {}};
  MR_TRY(auto reader, store.open(*now));
  MR_TRY(auto unpacked, open_packed(std::move(reader), now->size_bytes));
  if (unpacked) return unpacked;
  return Error{ErrorKind::contract_violation,
               fmt::format("{}: is not packed as its name says: its end is damaged", printable(object.key, 2000)),
               "restore the file from a backup",
               {}};
}

}  // namespace

bool is_packed_key(std::string_view key) {
  if (!key.ends_with(".zst") || std::find(kKeptAreas.begin(), kKeptAreas.end(), area_of_key(key)) == kKeptAreas.end())
    return false;
  const std::string_view name = key.substr(key.rfind('/') + 1);
  const std::string_view stem = name.substr(0, name.find('.'));
  const auto tilde = stem.rfind('~');
  if (tilde == std::string_view::npos || !stem.ends_with('z')) return false;
  const std::string_view id = stem.substr(tilde + 1, stem.size() - tilde - 2);
  return id.size() >= 6 && id.find_first_not_of("0123456789") == std::string_view::npos;
}

Result<std::unique_ptr<ObjectReader>> open_landed(ObjectStore& store, const ObjectInfo& object) {
  if (!is_packed_key(object.key)) return store.open(object);
  MR_TRY(auto unpacked, open_unpacked(store, object));
  return std::unique_ptr<ObjectReader>(std::move(unpacked));
}

Result<ObjectInfo> as_landed(ObjectStore& store, ObjectInfo object) {
  if (!is_packed_key(object.key)) return object;
  MR_TRY(const auto unpacked, open_unpacked(store, object));
  object.size_bytes = unpacked->about().text_bytes;
  return object;
}

Result<std::string> landed_digest_of(ObjectStore& store, const ObjectInfo& object) {
  MR_TRY(const auto reader, open_landed(store, object));
  return digest_of(*reader);
}

Result<std::optional<PackedFile>> packed_facts_of(ObjectStore& store, const ObjectInfo& object) {
  if (!is_packed_key(object.key)) return std::optional<PackedFile>{};
  MR_TRY(const auto unpacked, open_unpacked(store, object));
  return std::optional<PackedFile>(unpacked->about());
}

}  // namespace millrace::lake
