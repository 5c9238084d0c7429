#include "lake/key_filter.h"

#include <algorithm>

namespace millrace::lake {
namespace {

constexpr std::uint64_t kBitsOfKey = 20;
constexpr std::uint64_t kLeastKeys = 4096, kMostKeys = 16 << 20;  // of one layer: 10 KiB, 40 MiB
__extension__ using Product = unsigned __int128;

/// One bit in each of the eight words, told by six bits of the hash each.
constexpr std::uint64_t bit_of(std::uint64_t hash, unsigned word) {
  return std::uint64_t{1} << (hash >> (6 * word) & 63);
}

}  // namespace

KeyFilter::KeyFilter(std::uint64_t expected) { add_layer(expected); }

void KeyFilter::add_layer(std::uint64_t keys) {
  keys = std::clamp(keys, kLeastKeys, kMostKeys);
  layers_.push_back({std::vector<Line>(keys * kBitsOfKey / 512 + 1), keys});
}

std::size_t KeyFilter::Layer::line_of(std::uint64_t hash) const {
  return static_cast<std::size_t>(static_cast<Product>(hash) * lines.size() >> 64);
}

void KeyFilter::prefetch(std::uint64_t hash) const {
  for (const Layer& layer : layers_) __builtin_prefetch(&layer.lines[layer.line_of(hash)], 1);
}

bool KeyFilter::test_and_add(std::uint64_t hash) {
  // The line hangs on the upper bits, the bits in it on all of them.
  const std::uint64_t bits = (hash ^ hash >> 32) * 0x9E3779B97F4A7C15;
  for (std::size_t n = 0; n + 1 < layers_.size(); ++n) {
    const Line& line = layers_[n].lines[layers_[n].line_of(hash)];
    bool all = true;
    for (unsigned w = 0; w < 8; ++w) all &= (line.words[w] & bit_of(bits, w)) != 0;
    if (all) return true;
  }
  Layer& last = layers_.back();
  Line& line = last.lines[last.line_of(hash)];
  bool all = true;
  for (unsigned w = 0; w < 8; ++w) {
    all &= (line.words[w] & bit_of(bits, w)) != 0;
    line.words[w] |= bit_of(bits, w);
  }
  if (!all && --last.room == 0) {
    std::uint64_t held = 0;
    for (const Layer& layer : layers_) held += layer.lines.size() * 512 / kBitsOfKey;
    add_layer(held);  // as many as all so far: few layers
  }
  return all;
}

}  // namespace millrace::lake
