#pragma once
/// \file contract/field_rules.h
/// One field of one record against its column's contract: convert, then judge.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "contract/column.h"
#include "contract/contract.h"
#include "contract/convert.h"
#include "contract/reject.h"
#include "contract/swar.h"

namespace millrace {

/// A field as the reader found it.
struct FieldText {
  std::string_view text;  ///< unquoted, unescaped
  bool quoted = false;
  bool nested = false;  ///< an object or a list, as JSON text
};

namespace field {
RejectCode write_null(const ColumnContract& column, ColumnBuffer& out, std::size_t row, FlagSet& flags);
RejectCode write_value(const ColumnContract& column, std::string_view text, std::int64_t now_us, ColumnBuffer& out,
                       std::size_t row, FlagSet& flags);
RejectCode write_declared(const ColumnContract& column, FieldText field, std::int64_t now_us, ColumnBuffer& out,
                          std::size_t row, FlagSet& flags);
}  // namespace field

/// Writes the field's value into row `row` of `out` and says what is wrong with it; `none`: good.
/// `flags` gets what is only worth a word, rules of severity warning among it: the value is then
/// written. It is never cleared.
/// An unquoted empty field is NULL, unless nullValues says otherwise; `""` is the empty string in a
/// text column, NULL in others.
/// `now_us`: the moment of the load, for "not in the future", microseconds since the epoch.
/// Text is borrowed by `out`: it outlives the batch.
inline RejectCode write_field(const ColumnContract& column, FieldText field, std::int64_t now_us, ColumnBuffer& out,
                              std::size_t row, FlagSet& flags) {
  if (!column.read_plainly) return field::write_declared(column, field, now_us, out, row, flags);
  const bool is_text = column.type.kind == TypeKind::text;
  if (field.text.empty() && !(field.quoted && is_text)) return field::write_null(column, out, row, flags);
  if (!is_text || column.judged) return field::write_value(column, field.text, now_us, out, row, flags);
  out.set(row, StringCell::of(field.text));
  return RejectCode::none;
}

/// The last moment that is not in the future: a zone-less time may be up to 14 hours ahead of UTC and
/// still be now somewhere. Microseconds since the epoch.
constexpr std::int64_t latest_now(std::int64_t now_us) { return now_us + 14 * 3'600'000'000LL; }

/// For columns that are plain: the value, where there is not a word to say about it. False: ask write_field,
/// which tells an error from a flag. Requires: !text.empty().
inline bool plain_integer(std::string_view text, std::int64_t& value) {
  if (text.front() <= '0' || text.size() > 16) return false;  // 007 and -0 are flagged
  std::uint64_t digits = 0;
  if (!swar::many_digits(text.data(), text.size(), digits)) return false;
  value = static_cast<std::int64_t>(digits);
  return true;
}
inline bool plain_time(const TimeFormat& format, std::string_view text, std::int64_t& micros) {
  return text.size() > 10 && format.timestamp(text, micros);  // a date alone is flagged
}

/// "order_date: found \"2019-02-30\", expected yyyy-MM-dd" for a code or flag that write_field gave.
std::string reason_of(const ColumnContract& column, FieldText field, RejectCode code);

/// The value that write_field has written, as rules compare it: the integer, the unscaled decimal, days,
/// microseconds, 0 or 1; of a float64 its bits. Requires: a value that is no text, and not NULL.
Int128 number_of(const ColumnType& type, const ColumnBuffer& out, std::size_t row);

/// Characters of UTF-8 text.
std::size_t code_points_of(std::string_view text);

/// "1.23E+15": how a spreadsheet shortens a long number. What it was cannot be known.
bool looks_shortened(std::string_view text);

}  // namespace millrace
