#pragma once
/// \file contract/column.h
/// Typed columns in memory, in a layout that reader, engine and server share, so that a value is
/// parsed once and never copied into a row object on its way.

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "contract/swar.h"

namespace millrace {

__extension__ using Int128 = __int128;

enum class TypeKind : std::uint8_t {
  boolean,  ///< 1 byte, 0 or 1
  int8,     ///< the integers: two's complement of their width
  int16,
  int32,
  int64,
  uint8,
  uint16,
  uint32,
  uint64,
  int128,
  float32,
  float64,
  decimal,      ///< unscaled integer; 16, 32, 64 or 128 bits by precision (<= 4, 9, 18, 38)
  date,         ///< int32: days since 1970-01-01
  timestamp,    ///< int64: microseconds since 1970-01-01 00:00:00, no zone
  timestamptz,  ///< int64: microseconds since the epoch, UTC
  text,         ///< StringCell, UTF-8
  blob,         ///< StringCell, any bytes
  other,        ///< a type of the engine's that only a cast to text makes readable
};

struct ColumnType {
  TypeKind kind = TypeKind::text;
  std::uint8_t precision = 0;  ///< decimal only, 1 to 38
  std::uint8_t scale = 0;      ///< decimal only, <= precision
  bool operator==(const ColumnType&) const = default;
};

/// Bytes of one element of a column's values.
constexpr std::size_t cell_width(ColumnType type) {
  switch (type.kind) {
    case TypeKind::boolean:
    case TypeKind::int8:
    case TypeKind::uint8: return 1;
    case TypeKind::int16:
    case TypeKind::uint16: return 2;
    case TypeKind::int32:
    case TypeKind::uint32:
    case TypeKind::float32:
    case TypeKind::date: return 4;
    case TypeKind::int64:
    case TypeKind::uint64:
    case TypeKind::float64:
    case TypeKind::timestamp:
    case TypeKind::timestamptz: return 8;
    case TypeKind::decimal: return type.precision <= 4 ? 2 : type.precision <= 9 ? 4 : type.precision <= 18 ? 8 : 16;
    case TypeKind::int128:
    case TypeKind::text:
    case TypeKind::blob:
    case TypeKind::other: break;
  }
  return 16;
}

struct Column {
  std::string name;
  ColumnType type;
};

/// A string of an engine vector: short ones inside the cell, longer ones by pointer. The layout is
/// the one DuckDB uses ("German strings", Neumann & Freitag, CIDR 2020); its adapter asserts that.
struct StringCell {
  static constexpr std::uint32_t kMostInlined = 12;
  struct Inlined {
    std::uint32_t size;
    char bytes[12];
  };
  struct Pointed {
    std::uint32_t size;
    char prefix[4];
    const char* data;
  };
  union {
    Inlined inlined;
    Pointed pointed;
  };

  /// Requires: text.size() < 2^32. A long text is borrowed: it outlives the cell.
  static StringCell of(std::string_view text) {
    StringCell cell;
    put(&cell, text);
    return cell;
  }
  /// The same, written in place.
  static void put(StringCell* to, std::string_view text) {
    // In two words, without a call of memcpy for a length that only the data knows; and word by word to where they
    // belong, because a pair that is put together on the stack is waited for when it is loaded as one.
    const std::size_t n = text.size();
    const char* p = text.data();
    std::uint64_t low = n, high = 0;
    if (n <= 8) {
      const std::uint64_t bytes = swar::load(p, n);
      low |= bytes << 32;
      high = bytes >> 32;
    } else if (n <= kMostInlined) {
      const std::uint64_t bytes = swar::load8(p), last = swar::load8(p + n - 8) >> (8 * (16 - n));
      low |= bytes << 32;
      high = bytes >> 32 | last << 32;
    } else {
      low |= swar::load(p, 4) << 32;
      high = reinterpret_cast<std::uint64_t>(p);
    }
    std::memcpy(to, &low, 8);
    std::memcpy(reinterpret_cast<char*>(to) + 8, &high, 8);
  }
  /// Size and the first four bytes, as one word: what most texts differ by.
  [[nodiscard]] std::uint64_t head() const {
    std::uint64_t word = 0;
    std::memcpy(&word, this, 8);
    return word;
  }
  [[nodiscard]] std::string_view view() const {
    return inlined.size <= kMostInlined ? std::string_view(inlined.bytes, inlined.size)
                                        : std::string_view(pointed.data, pointed.size);
  }
};
static_assert(sizeof(StringCell) == 16);

/// One column of a batch to read. Borrows the engine's memory: valid until the next batch.
struct ColumnView {
  ColumnType type;
  const void* values = nullptr;          ///< `rows` elements of the type's width
  const std::uint64_t* valid = nullptr;  ///< bit i set: row i has a value; nullptr: all have

  [[nodiscard]] bool is_null(std::size_t row) const {
    return valid != nullptr && (valid[row / 64] >> (row % 64) & 1U) == 0;
  }
  template <class T>
  [[nodiscard]] T at(std::size_t row) const {
    return static_cast<const T*>(values)[row];
  }
};

/// One column of a batch to fill. Borrows the engine's memory.
struct ColumnBuffer {
  void* values = nullptr;          ///< room for kBatchRows elements
  std::uint64_t* valid = nullptr;  ///< all bits set before each batch
  bool has_nulls = false;          ///< set by set_null; false before each batch

  void set_null(std::size_t row) {
    valid[row / 64] &= ~(std::uint64_t{1} << (row % 64));
    has_nulls = true;
  }
  void set_valid(std::size_t row) { valid[row / 64] |= std::uint64_t{1} << (row % 64); }
  template <class T>
  void set(std::size_t row, T value) {
    static_cast<T*>(values)[row] = value;
  }
};

/// Rows of one batch, at the most. DuckDB's vector size; every adapter can take it.
inline constexpr std::size_t kBatchRows = 2048;

}  // namespace millrace
