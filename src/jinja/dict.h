#pragma once
/// \file jinja/dict.h
/// Python's dict: any hashable key, insertion order, 1 == 1.0 == True.

#include <string_view>
#include <unordered_map>
#include <vector>

#include "jinja/value.h"

namespace millrace::jinja {

/// Hash of a key. Errors: invalid_input if the value is a list, dict or namespace, or a huge tuple.
Result<std::size_t> hash_of(const Value& key);

/// Threads: one thread at a time.
class Dict {
 public:
  struct Entry {
    Value key;
    Value value;
  };
  Dict() = default;
  Dict(Dict&&) noexcept = default;
  Dict& operator=(Dict&&) noexcept = default;
  Dict(const Dict&) = default;
  Dict& operator=(const Dict&) = delete;
  ~Dict();

  /// Null if absent; valid until the dict changes.
  [[nodiscard]] const Value* find(std::string_view key) const;
  /// Errors: those of hash_of.
  [[nodiscard]] Result<const Value*> find_key(const Value& key) const;
  void set(std::string_view key, Value value);
  Status set_key(const Value& key, Value value);  ///< Errors: those of hash_of.
  /// Removes and gives the value. Errors: those of hash_of.
  Result<std::optional<Value>> take_key(const Value& key);
  void clear();

  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }  ///< in insertion order

 private:
  [[nodiscard]] std::size_t position(const Value& key, std::size_t hash) const;
  void put(const Value& key, std::size_t hash, Value value);
  void reindex();

  std::vector<Entry> entries_;
  std::vector<std::size_t> hashes_;                          // of entries_, same order
  std::unordered_multimap<std::size_t, std::size_t> index_;  // hash to position; empty while the dict is small
};

}  // namespace millrace::jinja
