#pragma once
/// \file ingest/blocked_files.h
/// Files that may not be read now: each is told once, tried again with growing pauses, and holds up no other.

#include <chrono>
#include <map>
#include <string>

#include "base/clock.h"
#include "lake/object_store.h"

namespace millrace::ingest {

/// Threads: one thread at a time.
class BlockedFiles {
 public:
  /// Is it time to try this object? True for one that is not blocked, and for one with other bytes than before.
  [[nodiscard]] bool may_try(const lake::ObjectInfo& object, SteadyTime now) const;
  /// It could not be read. True where that is to be told.
  bool blocked(const lake::ObjectInfo& object, SteadyTime now);
  void free(const std::string& key) { files_.erase(key); }
  [[nodiscard]] std::size_t size() const { return files_.size(); }

 private:
  struct File {
    std::string version;
    std::chrono::milliseconds pause{};
    SteadyTime next;
  };
  std::map<std::string, File> files_;  // by key
};

}  // namespace millrace::ingest
