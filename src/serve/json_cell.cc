#include "serve/json_cell.h"

#include <charconv>
#include <cmath>
#include <cstdint>

#include "base/clock.h"
#include "base/json.h"
#include "base/result.h"
#include "warehouse/cell_text.h"

namespace millrace::serve {
namespace {

constexpr std::size_t kMostScalar = 64;  // the longest number or time, quotes included

constexpr std::array<char, 200> kTwoDigits = [] {
  std::array<char, 200> digits{};
  for (std::size_t i = 0; i < 100; ++i) {
    digits[2 * i] = static_cast<char>('0' + i / 10);
    digits[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return digits;
}();

constexpr std::array<std::uint64_t, 20> kPowers = [] {
  std::array<std::uint64_t, 20> powers{1};
  for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}();

/// Requires: value < 100.
char* two(char* p, std::uint64_t value) {
  std::memcpy(p, &kTwoDigits[2 * value], 2);
  return p + 2;
}

template <class N>
void put_number(JsonCursor& out, N value) {
  char* p = out.room(kMostScalar);
  out.wrote_to(std::to_chars(p, p + kMostScalar, value).ptr);
}

template <class F>
void put_float(JsonCursor& out, F value) {
  if (std::isfinite(value)) return put_number(out, value);
  out.put("null");
}

void put_decimal(JsonCursor& out, const ColumnView& column, std::size_t row) {
  const Int128 wide = warehouse::decimal_at(column, row);
  const unsigned scale = column.type.scale;
  if (column.type.precision > 18) return warehouse::append_decimal(out.direct(), wide, scale);
  const auto value = static_cast<std::int64_t>(wide);
  const auto size = static_cast<std::uint64_t>(value < 0 ? -value : value);
  char* p = out.room(kMostScalar);
  char* const end = p + kMostScalar;
  if (value < 0) *p++ = '-';
  p = std::to_chars(p, end, size / kPowers[scale]).ptr;
  if (scale > 0) {
    // With a one before it, the fraction keeps its leading zeros; the point then takes its place.
    char* const point = p;
    p = std::to_chars(p, end, kPowers[scale] + size % kPowers[scale]).ptr;
    *point = '.';
  }
  out.wrote_to(p);
}

/// Years 0000 to 9999; the rest is warehouse/cell_text.h's affair.
constexpr std::int64_t kFirstDay = -719'528, kLastDay = 2'932'896;

/// Requires: kFirstDay <= days <= kLastDay.
char* date(char* p, std::int64_t days) {
  const CivilDate d = civil_from_days(days);
  const auto year = static_cast<std::uint64_t>(d.year);
  p = two(two(p, year / 100), year % 100);
  *p++ = '-';
  p = two(p, d.month);
  *p++ = '-';
  return two(p, d.day);
}

void put_date(JsonCursor& out, std::int32_t days) {
  char* p = out.room(kMostScalar);
  if (days < kFirstDay || days > kLastDay) {
    std::string& text = out.direct();
    warehouse::append_date(text += '"', days);
    text += '"';
    return;
  }
  *p++ = '"';
  p = date(p, days);
  *p++ = '"';
  out.wrote_to(p);
}

char* time_of_day(char* p, std::uint64_t micros) {
  const std::uint64_t seconds = micros / 1'000'000;
  p = two(p, seconds / 3600);
  *p++ = ':';
  p = two(p, seconds / 60 % 60);
  *p++ = ':';
  p = two(p, seconds % 60);
  const std::uint64_t fraction = micros % 1'000'000;
  if (fraction == 0) return p;
  *p++ = '.';
  p = two(two(two(p, fraction / 10'000), fraction / 100 % 100), fraction % 100);
  while (p[-1] == '0') --p;
  return p;
}

void put_timestamp(JsonCursor& out, std::int64_t micros, bool utc) {
  constexpr std::int64_t kMicrosPerDay = 86'400'000'000;
  std::int64_t days = micros / kMicrosPerDay, rest = micros % kMicrosPerDay;
  if (rest < 0) {
    --days;
    rest += kMicrosPerDay;
  }
  if (days < kFirstDay || days > kLastDay) {
    std::string& text = out.direct();
    warehouse::append_timestamp(text += '"', micros, 'T');
    if (utc && text.back() != 'y') text += 'Z';  // "infinity" is in no zone
    text += '"';
    return;
  }
  char* p = out.room(kMostScalar);
  *p++ = '"';
  p = date(p, days);
  *p++ = 'T';
  p = time_of_day(p, static_cast<std::uint64_t>(rest));
  if (utc) *p++ = 'Z';
  *p++ = '"';
  out.wrote_to(p);
}

/// Whether one of eight bytes is a control, a quote, a backslash, DEL or not ASCII. May say so of a
/// byte above a true one, never of eight plain ones. Source: "Bit Twiddling Hacks", S. E. Anderson.
bool any_special(std::uint64_t word) {
  constexpr std::uint64_t kOnes = 0x0101010101010101, kHigh = kOnes * 0x80;
  const auto zero = [](std::uint64_t v) { return (v - kOnes) & ~v; };
  const std::uint64_t control = (word - kOnes * 0x20) & ~word;
  return ((control | zero(word ^ (kOnes * '"')) | zero(word ^ (kOnes * '\\')) | word | (word + kOnes)) & kHigh) != 0;
}

bool is_plain(char c) { return c >= 0x20 && c != '"' && c != '\\' && c != 0x7f; }

/// Copies what needs no escape; whether that was all of it. Requires: room for text.size().
bool copy_plain(char* to, std::string_view text) {
  std::size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + i, 8);
    if (any_special(word)) return false;
    std::memcpy(to + i, &word, 8);
  }
  for (; i < text.size(); ++i) {
    if (!is_plain(text[i])) return false;
    to[i] = text[i];
  }
  return true;
}

void put_text(JsonCursor& out, std::string_view text) {
  if (text.size() <= JsonCursor::kMostRoom - 2) {
    char* p = out.room(text.size() + 2);
    if (copy_plain(p + 1, text)) {
      p[0] = '"';
      p[text.size() + 1] = '"';
      return out.wrote_to(p + text.size() + 2);
    }
  }
  json::append_string(out.direct(), text);
}

/// Source: RFC 4648 section 4, padded.
void put_base64(JsonCursor& out, std::string_view bytes) {
  static constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  out.put("\"");
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto at = [&](std::size_t k) { return i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U; };
    const unsigned group = at(0) << 16 | at(1) << 8 | at(2);
    char* p = out.room(4);
    for (unsigned k = 0; k < 4; ++k) p[k] = i + k > bytes.size() ? '=' : kAlphabet[group >> (18 - 6 * k) & 63];
    out.wrote_to(p + 4);
  }
  out.put("\"");
}

void put_int128(JsonCursor& out, Int128 value) {
  std::string digits;
  warehouse::append_int128(digits, value);
  out.put(digits);
}

}  // namespace

void put_cell(JsonCursor& out, const ColumnView& column, std::size_t row) {
  if (column.is_null(row)) return out.put("null");
  switch (column.type.kind) {
    case TypeKind::boolean: return out.put(column.at<std::uint8_t>(row) != 0 ? "true" : "false");
    case TypeKind::int8: return put_number(out, int{column.at<std::int8_t>(row)});
    case TypeKind::int16: return put_number(out, column.at<std::int16_t>(row));
    case TypeKind::int32: return put_number(out, column.at<std::int32_t>(row));
    case TypeKind::int64: return put_number(out, column.at<std::int64_t>(row));
    case TypeKind::uint8: return put_number(out, unsigned{column.at<std::uint8_t>(row)});
    case TypeKind::uint16: return put_number(out, column.at<std::uint16_t>(row));
    case TypeKind::uint32: return put_number(out, column.at<std::uint32_t>(row));
    case TypeKind::uint64: return put_number(out, column.at<std::uint64_t>(row));
    case TypeKind::int128: return put_int128(out, column.at<Int128>(row));
    case TypeKind::float32: return put_float(out, column.at<float>(row));
    case TypeKind::float64: return put_float(out, column.at<double>(row));
    case TypeKind::decimal: return put_decimal(out, column, row);
    case TypeKind::date: return put_date(out, column.at<std::int32_t>(row));
    case TypeKind::timestamp: return put_timestamp(out, column.at<std::int64_t>(row), false);
    case TypeKind::timestamptz: return put_timestamp(out, column.at<std::int64_t>(row), true);
    case TypeKind::text: return put_text(out, static_cast<const StringCell*>(column.values)[row].view());
    case TypeKind::blob: return put_base64(out, static_cast<const StringCell*>(column.values)[row].view());
    case TypeKind::other: break;
  }
  MR_INVARIANT(false, "the publisher casts unreadable types to text");
}

}  // namespace millrace::serve
