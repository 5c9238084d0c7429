#include "lake/object_store.h"

#include "base/sha256.h"

namespace millrace::lake {

Result<std::string> digest_of(ObjectStore& store, const ObjectInfo& object) {
  MR_TRY(const std::unique_ptr<ObjectReader> reader, store.open(object));
  return digest_of(*reader);
}

Result<std::string> digest_of(ObjectReader& reader) {
  std::vector<char> buffer(1 << 20);
  Sha256 hash;
  while (true) {
    MR_TRY(const std::size_t n, reader.read(buffer));
    hash.update({buffer.data(), n});
    if (n < buffer.size()) return hash.hex_digest();
  }
}

Result<Listing> ObjectStore::list_after(std::string_view folder, std::string_view after) {
  MR_TRY(Listing all, list(folder));
  std::erase_if(all.objects, [&](const ObjectInfo& o) { return o.key <= after; });
  std::erase_if(all.ignored, [&](const Ignored& i) { return i.key <= after; });
  return all;
}

Result<std::optional<Provenance>> ObjectStore::provenance_of(const ObjectInfo&) { return std::optional<Provenance>{}; }

Result<bool> ObjectStore::restore(const ObjectInfo&) { return false; }

}  // namespace millrace::lake
