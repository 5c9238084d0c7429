#pragma once
/// \file lake/csv/structure.h
/// Where the characters are that give a CSV file its structure: 64 bytes at a time become a bit
/// mask, and the reader hops from one set bit to the next.
/// Source of the idea: Langdale & Lemire, "Parsing gigabytes of JSON per second", VLDB 2019.

#include <bit>
#include <cstdint>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace millrace::lake::csv {

/// Readable bytes behind the end of every buffer that is scanned; their values do not matter.
inline constexpr std::size_t kPadding = 64;

/// Positions of four characters in [begin, end), ascending. Threads: one thread at a time.
class StructuralScanner {
 public:
  /// Requires: kPadding readable bytes behind `end`. A character may be named twice.
  StructuralScanner(const char* begin, const char* end, char a, char b, char c, char d)
      : base_(begin), end_(end), a_(a), b_(b), c_(c), d_(d) {
    if (base_ < end_) mask_ = mask_at(base_);
  }

  /// The next position not yet returned, or `end`.
  const char* next() {
    while (mask_ == 0) {
      if (end_ - base_ <= 64) {
        base_ = end_;
        return end_;
      }
      base_ += 64;
      mask_ = mask_at(base_);
    }
    const char* at = base_ + std::countr_zero(mask_);
    mask_ &= mask_ - 1;
    return at;
  }

  /// Goes on at `position`, before or behind the present one. Requires: within [begin, end].
  void seek(const char* position) {
    base_ = position;
    mask_ = base_ < end_ ? mask_at(base_) : 0;
  }

 private:
  std::uint64_t mask_at(const char* p) const {
    std::uint64_t mask = 0;
#if defined(__SSE2__)
    const __m128i a = _mm_set1_epi8(a_), b = _mm_set1_epi8(b_), c = _mm_set1_epi8(c_), d = _mm_set1_epi8(d_);
    for (int i = 0; i < 4; ++i) {
      const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + 16 * i));
      const __m128i hit = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, a), _mm_cmpeq_epi8(bytes, b)),
                                       _mm_or_si128(_mm_cmpeq_epi8(bytes, c), _mm_cmpeq_epi8(bytes, d)));
      mask |= static_cast<std::uint64_t>(static_cast<std::uint32_t>(_mm_movemask_epi8(hit))) << (16 * i);
    }
#else
    for (int i = 0; i < 64; ++i)
      mask |= static_cast<std::uint64_t>(p[i] == a_ || p[i] == b_ || p[i] == c_ || p[i] == d_) << i;
#endif
    const auto left = static_cast<std::uint64_t>(end_ - p);
    return left >= 64 ? mask : mask & ((std::uint64_t{1} << left) - 1);
  }

  const char* base_;
  const char* end_;
  std::uint64_t mask_ = 0;
  char a_, b_, c_, d_;
};

}  // namespace millrace::lake::csv
