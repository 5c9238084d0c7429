#pragma once
/// \file lake/codec/seekable.h
/// Text packed so that any piece of it can be read by itself: zstd frames of kFrameText bytes each, a frame that says
/// where the file came from, and a table of the frames. Any zstd program unpacks it.
/// Source: RFC 8878; zstd, contrib/seekable_format, version 0.1.0.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "lake/object_store.h"

namespace millrace::lake {

/// Bytes of text in each frame but the last.
inline constexpr std::size_t kFrameText = 4 << 20;

struct PackedFile {
  Provenance provenance;  ///< with the sha256 of the unpacked bytes
  std::uint64_t text_bytes = 0, packed_bytes = 0;
};

/// Writes the bytes of `object` packed to the new file `to`, synced. An old file there is replaced. `provenance` is
/// written into it, with the sha256 of what was read. Failpoint: lake.pack.write.
Result<PackedFile> pack_file(ObjectReader& object, const std::filesystem::path& to, Provenance provenance);

/// A packed object as the bytes that were packed. Frames carry checksums: damage is an error, never other bytes.
/// Threads: one thread at a time.
class UnpackedObject : public ObjectReader {
 public:
  /// What the file says of itself.
  [[nodiscard]] virtual const PackedFile& about() const = 0;
};

/// Reads the table and no text. nullptr: it is not packed by pack_file. Errors: those of the object;
/// contract_violation where its table is damaged.
Result<std::unique_ptr<UnpackedObject>> open_packed(std::unique_ptr<ObjectReader> object, std::uint64_t size_bytes);

}  // namespace millrace::lake
