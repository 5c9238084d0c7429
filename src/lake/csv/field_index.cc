#include "lake/csv/field_index.h"

#include <algorithm>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace millrace::lake::csv {
namespace {

/// 64 bytes as four masks.
struct Chunk {
#if defined(__SSE2__)
  struct Needles {
    explicit Needles(const Dialect& d) : delimiter(_mm_set1_epi8(d.delimiter)), quote(_mm_set1_epi8(d.quote)) {}
    __m128i delimiter, quote, lf = _mm_set1_epi8('\n'), cr = _mm_set1_epi8('\r');
  };
  Chunk(const char* p, const Needles& n) {
    for (int i = 0; i < 4; ++i) {
      const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + 16 * i));
      const auto hits = [&](__m128i needle) {
        return static_cast<std::uint64_t>(static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, needle))))
               << (16 * i);
      };
      delimiters |= hits(n.delimiter);
      quotes |= hits(n.quote);
      lfs |= hits(n.lf);
      crs |= hits(n.cr);
    }
  }
#else
  struct Needles {
    explicit Needles(const Dialect& d) : delimiter(d.delimiter), quote(d.quote) {}
    char delimiter, quote;
  };
  Chunk(const char* p, const Needles& n) {
    for (int i = 0; i < 64; ++i) {
      delimiters |= static_cast<std::uint64_t>(p[i] == n.delimiter) << i;
      quotes |= static_cast<std::uint64_t>(p[i] == n.quote) << i;
      lfs |= static_cast<std::uint64_t>(p[i] == '\n') << i;
      crs |= static_cast<std::uint64_t>(p[i] == '\r') << i;
    }
  }
#endif
  std::uint64_t delimiters = 0, quotes = 0, lfs = 0, crs = 0;
};

#include "lake/csv/field_index.inc"

}  // namespace

// A window may be one delimiter after the other; the scan writes up to 64 places too much.
WindowIndex::WindowIndex()
    : stops_(std::make_unique_for_overwrite<std::uint32_t[]>(FieldIndexer::kWindowBytes + 128)),
      records_(std::make_unique_for_overwrite<IndexedRecord[]>(FieldIndexer::kWindowBytes + 1)) {}

FieldIndexer::FieldIndexer(const Dialect& dialect) : dialect_(dialect), scan_(&scan) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && detail::avx2_scan() != nullptr) scan_ = detail::avx2_scan();
#endif
}

void FieldIndexer::index(const char* begin, const char* end, WindowIndex& out) const {
  scan_(dialect_, begin, begin + std::min<std::ptrdiff_t>(end - begin, kWindowBytes), out);
}

}  // namespace millrace::lake::csv
