#pragma once
/// \file lake/object_store.h
/// A lake: objects under keys. What Millrace needs of one, and no more.

#include <cstdint>
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

  /// Errors: not_found; conflict where the object is no longer the version of `object`.
  virtual Result<std::unique_ptr<ObjectReader>> open(const ObjectInfo& object) = 0;

  /// The object's present version; nullopt: no such object.
  virtual Result<std::optional<ObjectInfo>> head(std::string_view key) = 0;

  /// Is somebody still writing to it? nullopt: the store cannot tell.
  virtual std::optional<bool> being_written(const ObjectInfo& object) = 0;

  /// Moves the version `object` to the key `to`: first it is there and durable, then it is gone
  /// here. Repeating it after a crash at any point finishes it. An equal object at `to` is kept.
  /// Errors: conflict where the source has changed; invalid_input where `to` holds other bytes.
  virtual Status move(const ObjectInfo& object, std::string_view to) = 0;

  /// Creates or replaces a whole object.
  virtual Status put(std::string_view key, std::string_view bytes) = 0;
};

/// sha256 of an object's bytes, in one pass. Errors: those of open and read.
Result<std::string> digest_of(ObjectStore& store, const ObjectInfo& object);

/// Wakes up early when the store says that something has changed; a hint, never the truth.
/// Threads: wait() from one thread, wake() from any.
class ChangeHint {
 public:
  virtual ~ChangeHint() = default;
  virtual void wait(std::chrono::milliseconds most) = 0;
  virtual void wake() = 0;
};

}  // namespace millrace::lake
