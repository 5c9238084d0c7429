#pragma once
/// \file lake/key_filter.h
/// Has this key been seen? "No" is certain, "yes" is wrong once in some thousand times: a Bloom filter
/// whose bits for one key lie in one cache line, and which grows with the keys.
/// Source: Putze, Sanders, Singler, "Cache-, hash- and space-efficient Bloom filters", WEA 2007.

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace millrace::lake {

/// Memory: 2.5 bytes for each key. Threads: one thread at a time.
class KeyFilter {
 public:
  /// `expected`: how many keys there will be, as far as it is known; more make it slower, not wrong.
  explicit KeyFilter(std::uint64_t expected);

  /// Adds the key with this hash (64 bits, well mixed); true: it may have been there already.
  bool test_and_add(std::uint64_t hash);
  /// Fetches what test_and_add(hash) will look at.
  void prefetch(std::uint64_t hash) const;

 private:
  struct alignas(64) Line {
    std::array<std::uint64_t, 8> words{};
  };
  /// One filter of a fixed size. When it is full, the next one takes over, and this one is only read.
  struct Layer {
    std::vector<Line> lines;
    std::uint64_t room = 0;  // keys
    [[nodiscard]] std::size_t line_of(std::uint64_t hash) const;
  };
  void add_layer(std::uint64_t keys);
  std::vector<Layer> layers_;
};

}  // namespace millrace::lake
