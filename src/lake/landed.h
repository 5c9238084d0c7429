#pragma once
/// \file lake/landed.h
/// Files of the archive as they landed, whether millrace has packed them since or not.

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "lake/codec/seekable.h"
#include "lake/object_store.h"

namespace millrace::lake {

/// A file that millrace packed when it archived it: "processed/dt=2026-11-22/orders/a~000017z.csv.zst". Names in the
/// archive end in the file's id, which millrace gives: no landed file can look like one.
bool is_packed_key(std::string_view key);

/// Reads the bytes as they landed: their offsets are those that rows name. Errors: as ObjectStore::open;
/// contract_violation where a packed file is damaged.
Result<std::unique_ptr<ObjectReader>> open_landed(ObjectStore& store, const ObjectInfo& object);

/// The object with the size of the bytes as they landed; open_landed() takes it. Errors: as open_landed.
Result<ObjectInfo> as_landed(ObjectStore& store, ObjectInfo object);

/// sha256 of the bytes as they landed. Errors: as open_landed.
Result<std::string> landed_digest_of(ObjectStore& store, const ObjectInfo& object);

/// What a packed file says of itself; nullopt: it is not packed. Errors: as open_landed.
Result<std::optional<PackedFile>> packed_facts_of(ObjectStore& store, const ObjectInfo& object);

}  // namespace millrace::lake
