#pragma once
/// \file contract/swar.h
/// Several characters at once in one machine word ("SIMD within a register"): what the conversions of
/// short texts are made of. Nothing here reads a byte outside the text.
/// Source: Lemire, "Quickly parsing eight digits" (2018); Hacker's Delight, chapter 6.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace millrace::swar {

static_assert(std::endian::native == std::endian::little, "the first character is the lowest byte of a word");

inline constexpr std::uint64_t kZeros = 0x3030303030303030;  // "00000000"
inline constexpr std::uint64_t kHighBits = 0x8080808080808080;
inline constexpr std::uint64_t kDigitSlack = 0x7676767676767676;  // 9 + 0x76 is the last without the high bit

inline std::uint64_t load8(const char* p) {
  std::uint64_t word = 0;
  std::memcpy(&word, p, 8);
  return word;
}

/// The `n` bytes at `p` in the low bytes of the word, zeros above. Requires: n <= 8.
inline std::uint64_t load(const char* p, std::size_t n) {
  if (n >= 4) {
    std::uint32_t first = 0, last = 0;
    std::memcpy(&first, p, 4);
    std::memcpy(&last, p + n - 4, 4);
    return first | static_cast<std::uint64_t>(last) << (8 * (n - 4));
  }
  if (n == 0) return 0;
  const auto at = [&](std::size_t i) {
    return static_cast<std::uint64_t>(static_cast<unsigned char>(p[i])) << (8 * i);
  };
  return at(0) | at(n / 2) | at(n - 1);
}

/// The value of `n` decimal digits at `p`; false where one is none. Requires: 1 <= n <= 8.
inline bool digits(const char* p, std::size_t n, std::uint64_t& value) {
  // Set to the right with '0' in front, so that every length is the length 8.
  const std::uint64_t word = n == 8 ? load8(p) : load(p, n) << (64 - 8 * n) | kZeros >> (8 * n);
  std::uint64_t v = word ^ kZeros;
  if ((((v + kDigitSlack) | v) & kHighBits) != 0) return false;
  v = v * 2561 >> 8;                             // pairs: 10 a + b
  v = (v & 0x00FF00FF00FF00FF) * 6553601 >> 16;  // fours
  value = (v & 0x0000FFFF0000FFFF) * 42949672960001 >> 32;
  return true;
}

/// The same for 1 to 16 digits: they cannot overflow.
inline bool many_digits(const char* p, std::size_t n, std::uint64_t& value) {
  if (n <= 8) return digits(p, n, value);
  std::uint64_t front = 0, back = 0;
  if (!digits(p, n - 8, front) || !digits(p + n - 8, 8, back)) return false;
  value = front * 100'000'000 + back;
  return true;
}

}  // namespace millrace::swar
