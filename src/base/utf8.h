#pragma once
/// \file base/utf8.h
/// What is UTF-8, decided once. Source: RFC 3629; Unicode table 3-7 (no overlongs, no surrogates).

#include <cstddef>
#include <string>
#include <string_view>

namespace millrace::utf8 {

/// Length (1 to 4) of the sequence that starts `bytes`, or 0 where they start none.
/// Requires: !bytes.empty().
inline std::size_t sequence_length(std::string_view bytes) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const auto tail = [&](std::size_t i, unsigned lo = 0x80, unsigned hi = 0xbf) {
    return i < bytes.size() && at(i) >= lo && at(i) <= hi;
  };
  const unsigned c = at(0);
  if (c < 0x80) return 1;
  if (c >= 0xc2 && c <= 0xdf) return tail(1) ? 2 : 0;
  if (c >= 0xe0 && c <= 0xef) return tail(1, c == 0xe0 ? 0xa0 : 0x80, c == 0xed ? 0x9f : 0xbf) && tail(2) ? 3 : 0;
  if (c >= 0xf0 && c <= 0xf4)
    return tail(1, c == 0xf0 ? 0x90 : 0x80, c == 0xf4 ? 0x8f : 0xbf) && tail(2) && tail(3) ? 4 : 0;
  return 0;
}

/// The code point of one sequence. Requires: sequence_length says that it is one, and nothing follows it.
inline char32_t code_point(std::string_view sequence) {
  constexpr unsigned char kMask[] = {0x7f, 0x7f, 0x1f, 0x0f, 0x07};
  char32_t c = static_cast<unsigned char>(sequence[0]) & kMask[sequence.size()];
  for (const char tail : sequence.substr(1)) c = c << 6 | (static_cast<unsigned char>(tail) & 0x3f);
  return c;
}

/// Position of the first byte that is not UTF-8, or npos. For whole blocks prefer simdjson.
inline std::size_t first_bad_byte(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t n = sequence_length(text.substr(i));
    if (n == 0) return i;
    i += n;
  }
  return std::string_view::npos;
}

/// Appends one code point. Requires: it is one (at most 0x10FFFF, no surrogate).
inline void append(std::string& out, char32_t c) {
  const auto byte = [&](char32_t b) { out += static_cast<char>(static_cast<unsigned char>(b)); };
  if (c < 0x80) return byte(c);
  if (c < 0x800) {
    byte(0xc0 | c >> 6);
  } else if (c < 0x10000) {
    byte(0xe0 | c >> 12);
    byte(0x80 | (c >> 6 & 0x3f));
  } else {
    byte(0xf0 | c >> 18);
    byte(0x80 | (c >> 12 & 0x3f));
    byte(0x80 | (c >> 6 & 0x3f));
  }
  byte(0x80 | (c & 0x3f));
}

}  // namespace millrace::utf8
