#pragma once
/// \file ingest/ledger_index.h
/// Which ledger rows a file could have to do with, without asking the warehouse: so that a file costs the same
/// beside ten entries and beside a million. It holds hashes and ids only and may name a row too many, never one
/// too few: the row itself decides.

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace millrace::ingest {

/// Ids under hashes. Memory: 16 bytes each. Threads: one thread at a time.
class HashedIds {
 public:
  void add(std::uint64_t hash, std::int64_t id) { fresh_.emplace_back(hash, id); }
  /// Makes what was added cheap to find; to be called after many.
  void settle();
  [[nodiscard]] std::vector<std::int64_t> find(std::uint64_t hash) const;  ///< newest first
  [[nodiscard]] bool holds(std::uint64_t hash) const;
  void drop(std::uint64_t hash, std::int64_t id);
  void clear();

 private:
  std::vector<std::pair<std::uint64_t, std::int64_t>> sorted_, fresh_;
};

/// Rows that are loaded, empty, or not moved away yet. Threads: one thread at a time.
class LedgerIndex {
 public:
  void add(std::string_view source, std::string_view key, std::string_view sha256, std::uint64_t size_bytes,
           std::int64_t id);
  void settle();
  void clear();

  [[nodiscard]] std::int64_t last() const { return last_; }  ///< the highest id that was added; 0: none
  [[nodiscard]] std::vector<std::int64_t> with_key(std::string_view source, std::string_view key) const;
  [[nodiscard]] std::vector<std::int64_t> with_digest(std::string_view source, std::string_view sha256) const;
  /// Could a file of this size be a repetition?
  [[nodiscard]] bool knows_size(std::string_view source, std::uint64_t size_bytes) const;
  /// Of a row that has become neither of the three.
  void drop(std::string_view source, std::string_view key, std::string_view sha256, std::int64_t id);

 private:
  HashedIds keys_, digests_, sizes_;
  std::int64_t last_ = 0;
};

}  // namespace millrace::ingest
