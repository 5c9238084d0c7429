#include "serve/key.h"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <limits>

#include "contract/convert.h"
#include "contract/time_format.h"

namespace millrace::serve {
namespace {

using warehouse::Value;

bool is_integer(TypeKind kind) { return kind >= TypeKind::int8 && kind <= TypeKind::int128; }

/// [-]digits within the range of Int128.
std::optional<Int128> to_int128(std::string_view text) {
  const bool negative = !text.empty() && text.front() == '-';
  if (negative) text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  Int128 value = 0;  // kept negative: that side reaches further
  for (char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    if (__builtin_mul_overflow(value, 10, &value) || __builtin_sub_overflow(value, c - '0', &value))
      return std::nullopt;
  }
  if (negative) return value;
  Int128 positive = 0;
  if (__builtin_sub_overflow(positive, value, &positive)) return std::nullopt;
  return positive;
}

struct Range {
  Int128 least, most;
};

template <class T>
constexpr Range range_of() {
  return {std::numeric_limits<T>::min(), std::numeric_limits<T>::max()};
}

std::optional<Range> range_of(TypeKind kind) {
  switch (kind) {
    case TypeKind::int8: return range_of<std::int8_t>();
    case TypeKind::int16: return range_of<std::int16_t>();
    case TypeKind::int32: return range_of<std::int32_t>();
    case TypeKind::int64: return range_of<std::int64_t>();
    case TypeKind::uint8: return range_of<std::uint8_t>();
    case TypeKind::uint16: return range_of<std::uint16_t>();
    case TypeKind::uint32: return range_of<std::uint32_t>();
    case TypeKind::uint64: return range_of<std::uint64_t>();
    default: return std::nullopt;
  }
}

std::optional<Value> integer_key(TypeKind kind, const std::string& text) {
  const auto value = to_int128(text);
  if (!value) return std::nullopt;
  if (const auto range = range_of(kind); range && (*value < range->least || *value > range->most)) return std::nullopt;
  constexpr Range kBound = range_of<std::int64_t>();
  if (*value >= kBound.least && *value <= kBound.most) return static_cast<std::int64_t>(*value);
  return text;
}

/// [-]digits[.digits] that the type holds without rounding.
bool is_decimal(std::string_view text, unsigned precision, unsigned scale) {
  if (!text.empty() && text.front() == '-') text.remove_prefix(1);
  const std::size_t point = text.find('.');
  std::string_view whole = text.substr(0, point);
  const std::string_view part = point == std::string_view::npos ? "0" : text.substr(point + 1);
  for (const std::string_view digits : {whole, part})
    if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos) return false;
  while (!whole.empty() && whole.front() == '0') whole.remove_prefix(1);
  return whole.size() <= precision - scale && (point == std::string_view::npos || part.size() <= scale);
}

std::optional<Value> time_key(TypeKind kind, std::string text) {
  if (kind == TypeKind::date) {
    static const TimeFormat format = TimeFormat::iso_date();
    return format.date(text) ? std::optional<Value>(std::move(text)) : std::nullopt;
  }
  if (kind == TypeKind::timestamptz) {
    if (!text.ends_with('Z')) return std::nullopt;
    text.pop_back();
  }
  static const TimeFormat format = TimeFormat::iso_timestamp();
  if (!format.timestamp(text)) return std::nullopt;
  if (kind == TypeKind::timestamptz) text += "+00";
  return text;
}

}  // namespace

std::optional<Value> read_key(const ColumnType& type, const std::string& text) {
  if (is_integer(type.kind)) return integer_key(type.kind, text);
  switch (type.kind) {
    case TypeKind::text: return text;
    case TypeKind::decimal:
      return is_decimal(text, type.precision, type.scale) ? std::optional<Value>(text) : std::nullopt;
    case TypeKind::date:
    case TypeKind::timestamp:
    case TypeKind::timestamptz: return time_key(type.kind, text);
    case TypeKind::boolean: {
      const auto value = to_boolean(text);
      return value ? std::optional<Value>(*value) : std::nullopt;
    }
    case TypeKind::float32:
    case TypeKind::float64: {
      const auto value = to_float64(text);
      return value ? std::optional<Value>(*value) : std::nullopt;
    }
    default: return std::nullopt;
  }
}

std::string expected_key(const ColumnType& type) {
  if (const auto range = range_of(type.kind))
    return fmt::format("a whole number from {} to {}", range->least, range->most);
  switch (type.kind) {
    case TypeKind::int128: return "a whole number";
    case TypeKind::decimal:
      return fmt::format("a decimal number with {} digits, {} behind the point", type.precision, type.scale);
    case TypeKind::date: return "a date such as 2018-07-12";
    case TypeKind::timestamp: return "a time such as 2018-07-12T17:33:04.123";
    case TypeKind::timestamptz: return "an instant such as 2018-07-12T17:33:04.123Z";
    case TypeKind::boolean: return "true or false";
    case TypeKind::float32:
    case TypeKind::float64: return "a finite number";
    case TypeKind::text: return "percent-encoded UTF-8";
    default: return "a type that can be written into a path, which this key's is not";
  }
}

}  // namespace millrace::serve
