#include "warehouse/cell_text.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <limits>

#include "base/clock.h"

namespace millrace::warehouse {
namespace {

void append_two(std::string& out, unsigned value) {
  out += static_cast<char>('0' + value / 10 % 10);
  out += static_cast<char>('0' + value % 10);
}

/// DuckDB's infinities: the largest and smallest values of the type.
template <class T>
bool append_infinity(std::string& out, T value) {
  if (value == std::numeric_limits<T>::max())
    out += "infinity";
  else if (value == -std::numeric_limits<T>::max())
    out += "-infinity";
  else
    return false;
  return true;
}

}  // namespace

void append_date(std::string& out, std::int32_t days) {
  if (append_infinity(out, days)) return;
  const CivilDate d = civil_from_days(days);
  if (d.year >= 0 && d.year <= 9999) {
    append_two(out, static_cast<unsigned>(d.year / 100));
    append_two(out, static_cast<unsigned>(d.year % 100));
  } else {
    fmt::format_to(std::back_inserter(out), "{:+05}", d.year);
  }
  out += '-';
  append_two(out, d.month);
  out += '-';
  append_two(out, d.day);
}

void append_timestamp(std::string& out, std::int64_t micros, char between) {
  if (append_infinity(out, micros)) return;
  constexpr std::int64_t kMicrosPerDay = 86'400'000'000;
  std::int64_t days = micros / kMicrosPerDay, rest = micros % kMicrosPerDay;
  if (rest < 0) {
    --days;
    rest += kMicrosPerDay;
  }
  append_date(out, static_cast<std::int32_t>(days));
  out += between;
  append_two(out, static_cast<unsigned>(rest / 3'600'000'000));
  out += ':';
  append_two(out, static_cast<unsigned>(rest / 60'000'000 % 60));
  out += ':';
  append_two(out, static_cast<unsigned>(rest / 1'000'000 % 60));
  if (auto fraction = static_cast<unsigned>(rest % 1'000'000); fraction != 0) {
    out += '.';
    for (unsigned unit = 100'000; fraction != 0; unit /= 10) {
      out += static_cast<char>('0' + fraction / unit);
      fraction %= unit;
    }
  }
}

void append_int128(std::string& out, Int128 value) {
  __extension__ using Wide = unsigned __int128;
  std::array<char, 40> digits;
  std::size_t at = digits.size();
  Wide rest = value < 0 ? -static_cast<Wide>(value) : static_cast<Wide>(value);
  do {
    digits[--at] = static_cast<char>('0' + static_cast<unsigned>(rest % 10));
    rest /= 10;
  } while (rest != 0);
  if (value < 0) digits[--at] = '-';
  out.append(digits.data() + at, digits.size() - at);
}

void append_decimal(std::string& out, Int128 unscaled, unsigned scale) {
  std::string digits;
  append_int128(digits, unscaled < 0 ? -unscaled : unscaled);
  if (digits.size() <= scale) digits.insert(0, scale + 1 - digits.size(), '0');
  if (unscaled < 0) out += '-';
  out.append(digits, 0, digits.size() - scale);
  if (scale > 0) out.append(1, '.').append(digits, digits.size() - scale);
}

Int128 decimal_at(const ColumnView& column, std::size_t row) {
  if (column.type.precision <= 4) return column.at<std::int16_t>(row);
  if (column.type.precision <= 9) return column.at<std::int32_t>(row);
  if (column.type.precision <= 18) return column.at<std::int64_t>(row);
  return column.at<Int128>(row);
}

Value value_at(const ColumnView& c, std::size_t row) {
  if (c.is_null(row)) return std::monostate{};
  const auto integer = [](auto v) -> Value { return static_cast<std::int64_t>(v); };
  std::string out;
  switch (c.type.kind) {
    case TypeKind::boolean: return c.at<bool>(row);
    case TypeKind::int8: return integer(c.at<std::int8_t>(row));
    case TypeKind::int16: return integer(c.at<std::int16_t>(row));
    case TypeKind::int32: return integer(c.at<std::int32_t>(row));
    case TypeKind::int64: return integer(c.at<std::int64_t>(row));
    case TypeKind::uint8: return integer(c.at<std::uint8_t>(row));
    case TypeKind::uint16: return integer(c.at<std::uint16_t>(row));
    case TypeKind::uint32: return integer(c.at<std::uint32_t>(row));
    case TypeKind::uint64: append_int128(out, c.at<std::uint64_t>(row)); return out;
    case TypeKind::int128: {
      const auto v = c.at<Int128>(row);
      if (v >= std::numeric_limits<std::int64_t>::min() && v <= std::numeric_limits<std::int64_t>::max())
        return integer(v);
      append_int128(out, v);
      return out;
    }
    case TypeKind::float32: return static_cast<double>(c.at<float>(row));
    case TypeKind::float64: return c.at<double>(row);
    case TypeKind::decimal: append_decimal(out, decimal_at(c, row), c.type.scale); return out;
    case TypeKind::date: append_date(out, c.at<std::int32_t>(row)); return out;
    case TypeKind::timestamp: append_timestamp(out, c.at<std::int64_t>(row), ' '); return out;
    case TypeKind::timestamptz: append_timestamp(out, c.at<std::int64_t>(row), ' '); return out + "+00";
    case TypeKind::text:
    case TypeKind::blob: return std::string(static_cast<const StringCell*>(c.values)[row].view());
    case TypeKind::other: break;
  }
  return std::monostate{};
}

}  // namespace millrace::warehouse
