#pragma once
/// \file ingest/archiver.h
/// Files on their way into the archive, packed where their new name says so.

#include <filesystem>
#include <string>
#include <string_view>

#include "lake/object_store.h"

namespace millrace::ingest {

/// Threads: used by the thread that owns the session.
class Archiver {
 public:
  /// Borrows the store. `spool`: a folder for files on their way, made when it is needed.
  Archiver(lake::ObjectStore& store, std::filesystem::path spool) : store_(&store), spool_(std::move(spool)) {}

  void spool_in(std::filesystem::path folder) { spool_ = std::move(folder); }

  /// Moves `object` to the key `to`: it is there, durable and read back with `provenance.sha256`, before it is gone
  /// here. Repeating it after a crash at any point finishes it, with the same name.
  /// Errors: those of ObjectStore::move; unavailable where there is no room to pack it; conflict where its bytes are
  /// not those of `provenance.sha256`.
  /// Failpoints: ingest.pack.before, ingest.pack.before_put, ingest.pack.before_verify, ingest.pack.before_remove
  Status move(const lake::ObjectInfo& object, const std::string& to, const lake::Provenance& provenance) const;

  /// Forgets what a crash left in the spool folder. At start.
  Status clear_spool() const;

 private:
  Status pack(const lake::ObjectInfo& object, const std::string& to, const lake::Provenance& provenance) const;
  Result<bool> holds(const std::string& key, const std::string& sha256) const;
  lake::ObjectStore* store_;
  std::filesystem::path spool_;
};

}  // namespace millrace::ingest
