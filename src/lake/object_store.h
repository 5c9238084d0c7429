#pragma once
/// \file lake/object_store.h
/// A lake: objects under keys. What Millrace needs of one, and no more.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace millrace::lake {

/// One object as a listing showed it.
struct ObjectInfo {
  std::string key;  ///< relative to the lake's root, '/' between parts, byte-exact UTF-8
  std::uint64_t size_bytes = 0;
  WallTime modified{};  ///< last change of bytes or name, by the store's clock
  std::string version;  ///< opaque; equal version means that nobody wrote in between
  /// "" where the bytes can be read at once; else the storage class that must be restored first ("GLACIER").
  std::string cold_class = {};
  std::string storage_class = {};  ///< as the store names it; "" for its ordinary one, and where it has no classes
  bool restoring = false;          ///< asked for and on its way; only head() is sure to know
};

/// What an archived object says of itself; object stores keep it as metadata, folders keep none.
struct Provenance {
  std::string source;        ///< name of the source that took the file
  std::string landed_as;     ///< key under which the file had landed
  std::int64_t file_id = 0;  ///< in the ledger
  std::string sha256;        ///< of the bytes as they landed, hex
};

/// An entry that is no object to load, and why: "hidden", "symbolic link".
struct Ignored {
  std::string key, reason;
};

struct Listing {
  std::vector<ObjectInfo> objects;  ///< by key, ascending
  std::vector<Ignored> ignored;
};

/// The bytes of one version of one object. Threads: one thread at a time.
class ObjectReader {
 public:
  virtual ~ObjectReader() = default;
  /// Fills `into` from the current position as far as it can; less than asked only at the end.
  virtual Result<std::size_t> read(std::span<char> into) = 0;
  /// The bytes [offset, offset + length), whatever the position. Errors: conflict past the end.
  virtual Result<std::string> read_range(std::uint64_t offset, std::uint64_t length) = 0;
};

/// Threads: safe to share.
class ObjectStore {
 public:
  virtual ~ObjectStore() = default;

  /// Everything whose key starts with `folder` ("landing/orders/"), at any depth.
  /// A folder that is not there is an empty listing.
  virtual Result<Listing> list(std::string_view folder) = 0;

  /// As list(), only keys behind `after` in byte order: a sweep that knows how far it has come.
  virtual Result<Listing> list_after(std::string_view folder, std::string_view after);

  /// Errors: not_found; conflict where the object is no longer the version of `object`; permission_denied
  /// where its bytes may not be read, or must be restored first.
  virtual Result<std::unique_ptr<ObjectReader>> open(const ObjectInfo& object) = 0;

  /// The object's present version; nullopt: no such object.
  virtual Result<std::optional<ObjectInfo>> head(std::string_view key) = 0;

  /// Is somebody still writing to it? nullopt: the store cannot tell.
  virtual std::optional<bool> being_written(const ObjectInfo& object) = 0;

  /// Does an object appear with all its bytes, or not at all? Then there is no need to wait until it is quiet.
  [[nodiscard]] virtual bool objects_appear_whole() const { return false; }

  /// Where a person finds the object: a path, or "s3://bucket/key".
  [[nodiscard]] virtual std::string url_of(std::string_view key) const = 0;

  /// Moves the version `object` to the key `to`: first it is there and durable, then it is gone
  /// here. Repeating it after a crash at any point finishes it. An equal object at `to` is kept.
  /// Errors: conflict where the source has changed; invalid_input where `to` holds other bytes.
  virtual Status move(const ObjectInfo& object, std::string_view to, const Provenance& provenance) = 0;
  Status move(const ObjectInfo& object, std::string_view to) { return move(object, to, {}); }

  /// Creates or replaces a whole object.
  virtual Status put(std::string_view key, std::string_view bytes) = 0;

  /// Creates or replaces an object with the bytes of a file of this machine, durable and verified when it returns.
  /// Reads the file in pieces. Errors: those of reading it, unavailable.
  virtual Status put_file(std::string_view key, const std::filesystem::path& file, const Provenance& provenance) = 0;

  /// Removes the version `object`; an object that is gone already is no error.
  /// Errors: conflict where it is no longer that version.
  virtual Status remove(const ObjectInfo& object) = 0;

  /// What the object says of itself; nullopt: nothing. Errors: not_found, unavailable.
  virtual Result<std::optional<Provenance>> provenance_of(const ObjectInfo& object);

  /// Asks for the bytes of an object that cannot be read at once; true: they are on their way, false: they are at
  /// hand. Repeating it asks no second time. Errors: not_found, permission_denied, unsupported.
  virtual Result<bool> restore(const ObjectInfo& object);
};

/// sha256 of an object's bytes, in one pass. Errors: those of open and read.
Result<std::string> digest_of(ObjectStore& store, const ObjectInfo& object);
/// sha256 of what is left to read.
Result<std::string> digest_of(ObjectReader& reader);

/// Wakes up early when the store says that something has changed; a hint, never the truth.
/// Threads: wait() from one thread, wake() from any.
class ChangeHint {
 public:
  virtual ~ChangeHint() = default;
  /// False where the time was up, and nobody has said anything.
  virtual bool wait(std::chrono::milliseconds most) = 0;
  virtual void wake() = 0;
  /// Keys that are said to have come since this was last asked; those of a folder are not known.
  virtual std::vector<std::string> take_keys() { return {}; }
};

}  // namespace millrace::lake
