// The scan of field_index.h for processors with AVX2, chosen at run time. This file alone is compiled
// with -mavx2 (src/lake/CMakeLists.txt), and calls nothing that another file might share with it.
#include "lake/csv/field_index.h"

#if defined(__AVX2__)
#include <immintrin.h>
#endif

namespace millrace::lake::csv {

#if defined(__AVX2__)
namespace {

struct Chunk {
  struct Needles {
    explicit Needles(const Dialect& d) : delimiter(_mm256_set1_epi8(d.delimiter)), quote(_mm256_set1_epi8(d.quote)) {}
    __m256i delimiter, quote, lf = _mm256_set1_epi8('\n'), cr = _mm256_set1_epi8('\r');
  };
  Chunk(const char* p, const Needles& n) {
    const __m256i low = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
    const __m256i high = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + 32));
    const auto hits = [&](__m256i needle) {
      const auto bits = [&](__m256i half) {
        return static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(half, needle)));
      };
      return static_cast<std::uint64_t>(bits(low)) | static_cast<std::uint64_t>(bits(high)) << 32;
    };
    delimiters = hits(n.delimiter);
    quotes = hits(n.quote);
    lfs = hits(n.lf);
    crs = hits(n.cr);
  }
  std::uint64_t delimiters, quotes, lfs, crs;
};

#include "lake/csv/field_index.inc"

}  // namespace

void (*detail::avx2_scan())(const Dialect&, const char*, const char*, WindowIndex&) { return &scan; }

#else

void (*detail::avx2_scan())(const Dialect&, const char*, const char*, WindowIndex&) { return nullptr; }

#endif

}  // namespace millrace::lake::csv
