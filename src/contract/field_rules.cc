#include "contract/field_rules.h"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>

#include "base/words.h"
#include "contract/convert.h"
#include "contract/field_text.h"
#include "contract/instant.h"

namespace millrace {
namespace {

using enum RejectCode;

/// The rule of a column is broken: reject, or flag and go on.
RejectCode judged(Severity severity, RejectCode code, FlagSet& flags) {
  if (severity == Severity::error) return code;
  flags.add(code);
  return none;
}

/// Of a number that starts with 0 or with a minus sign.
void flag_integer(std::string_view text, std::int64_t value, FlagSet& flags) {
  const bool negative = text.front() == '-';
  if (text.size() > (negative ? 2U : 1U) && text[negative ? 1 : 0] == '0') flags.add(leading_zeros);
  if (negative && value == 0) flags.add(minus_zero);
}

template <class T>
RejectCode store_integer(std::string_view text, ColumnBuffer& out, std::size_t row, FlagSet& flags) {
  const auto value = to_int64(text);
  if (!value || *value < std::numeric_limits<T>::min() || *value > std::numeric_limits<T>::max()) return bad_integer;
  if (text.front() <= '0') flag_integer(text, *value, flags);
  out.set<T>(row, static_cast<T>(*value));
  return none;
}

RejectCode store_decimal(const ColumnType& type, std::string_view text, ColumnBuffer& out, std::size_t row,
                         FlagSet& flags) {
  const auto value = to_decimal(text, type.precision, type.scale);
  if (!value) return bad_decimal;
  if (*value == 0 && text.front() == '-') flags.add(minus_zero);
  if (type.precision <= 4)
    out.set<std::int16_t>(row, static_cast<std::int16_t>(*value));
  else if (type.precision <= 9)
    out.set<std::int32_t>(row, static_cast<std::int32_t>(*value));
  else if (type.precision <= 18)
    out.set<std::int64_t>(row, static_cast<std::int64_t>(*value));
  else
    out.set<Int128>(row, *value);
  return none;
}

RejectCode store_number(std::string_view text, ColumnBuffer& out, std::size_t row, FlagSet& flags) {
  const auto value = to_float64(text);
  if (!value) return bad_number;
  if (*value == 0 && text.front() == '-') flags.add(minus_zero);
  out.set<double>(row, *value == 0 ? 0.0 : *value);
  return none;
}

RejectCode store_boolean(const ColumnContract& column, std::string_view text, ColumnBuffer& out, std::size_t row) {
  std::optional<bool> value;
  if (!column.words) {
    value = to_boolean(text);
  } else if (std::ranges::find(column.words->truths, text) != column.words->truths.end()) {
    value = true;
  } else if (std::ranges::find(column.words->falsehoods, text) != column.words->falsehoods.end()) {
    value = false;
  }
  if (!value) return bad_boolean;
  out.set<bool>(row, *value);
  return none;
}

RejectCode store_date(const ColumnContract& column, std::string_view text, ColumnBuffer& out, std::size_t row) {
  const auto day = column.format->date(text);
  if (!day) return bad_date;
  out.set<std::int32_t>(row, *day);
  return none;
}

RejectCode store_timestamp(const ColumnContract& column, std::string_view text, ColumnBuffer& out, std::size_t row,
                           FlagSet& flags) {
  const bool plain = column.type.kind == TypeKind::timestamp && !column.epoch_unit;
  const auto read = plain ? column.format->timestamp(text) : std::nullopt;
  std::int64_t micros = read.value_or(0);
  if (!read)
    if (const RejectCode code = read_instant(column, text, micros); code != none) return code;
  if (text.size() == 10 && column.format->is_iso() && !column.epoch_unit) flags.add(date_only);
  out.set<std::int64_t>(row, micros);
  return none;
}

RejectCode store(const ColumnContract& column, std::string_view text, ColumnBuffer& out, std::size_t row,
                 FlagSet& flags) {
  switch (column.type.kind) {
    case TypeKind::text: out.set(row, StringCell::of(text)); return none;
    case TypeKind::int8: return store_integer<std::int8_t>(text, out, row, flags);
    case TypeKind::int16: return store_integer<std::int16_t>(text, out, row, flags);
    case TypeKind::int32: return store_integer<std::int32_t>(text, out, row, flags);
    case TypeKind::int64: return store_integer<std::int64_t>(text, out, row, flags);
    case TypeKind::float64: return store_number(text, out, row, flags);
    case TypeKind::decimal: return store_decimal(column.type, text, out, row, flags);
    case TypeKind::boolean: return store_boolean(column, text, out, row);
    case TypeKind::date: return store_date(column, text, out, row);
    case TypeKind::timestamp:
    case TypeKind::timestamptz: return store_timestamp(column, text, out, row, flags);
    default: break;
  }
  MR_INVARIANT(false, "a contract declares only types that fields are read into");
}

RejectCode judge_text(const ColumnContract& column, const StringCell& cell, FlagSet& flags) {
  const std::string_view text = cell.view();
  if (column.identifies && looks_shortened(text)) return no_match;
  if (column.length) {
    const std::size_t n = code_points_of(text);
    if (n < column.length->low || n > column.length->high) return bad_length;
  }
  for (const PatternRule& rule : column.patterns) {
    if (rule.pattern.matches(text)) continue;
    if (const RejectCode code = judged(rule.severity, no_match, flags); code != none) return code;
  }
  if (column.accepted && !column.accepted->contains(cell))
    return judged(column.accepted->severity, not_accepted, flags);
  return none;
}

bool outside(const ValueLimits& limits, const ColumnType& type, Int128 number) {
  if (type.kind == TypeKind::float64) {
    const auto value = std::bit_cast<double>(static_cast<std::int64_t>(number));
    return value < limits.low_number || value > limits.high_number;
  }
  return number < limits.low || number > limits.high || (limits.step != 0 && number % limits.step != 0);
}

RejectCode judge_number(const ColumnContract& column, Int128 number, std::int64_t now_us, FlagSet& flags) {
  if (column.limits && outside(*column.limits, column.type, number)) return out_of_range;
  if (column.accepted && !column.accepted->contains(number))
    if (const RejectCode code = judged(column.accepted->severity, not_accepted, flags); code != none) return code;
  if (!column.not_in_future) return none;
  const auto value = static_cast<std::int64_t>(number);
  const std::int64_t instant = column.type.kind == TypeKind::date ? value * kMicrosPerDay : value;
  const std::int64_t latest = column.type.kind == TypeKind::timestamptz ? now_us : latest_now(now_us);
  return instant > latest ? judged(*column.not_in_future, in_the_future, flags) : none;
}

}  // namespace

Int128 number_of(const ColumnType& type, const ColumnBuffer& out, std::size_t row) {
  const auto at = [&]<class T>(T) -> Int128 { return static_cast<const T*>(out.values)[row]; };
  switch (type.kind) {
    case TypeKind::boolean:
    case TypeKind::int8: return at(std::int8_t{});
    case TypeKind::int16: return at(std::int16_t{});
    case TypeKind::date:
    case TypeKind::int32: return at(std::int32_t{});
    case TypeKind::decimal:
      return type.precision <= 4    ? at(std::int16_t{})
             : type.precision <= 9  ? at(std::int32_t{})
             : type.precision <= 18 ? at(std::int64_t{})
                                    : at(Int128{});
    default: return at(std::int64_t{});
  }
}

RejectCode field::write_null(const ColumnContract& column, ColumnBuffer& out, std::size_t row, FlagSet& flags) {
  if (column.required) return missing_value;
  if (column.flag_nulls) flags.add(missing_value);
  out.set_null(row);
  return none;
}

RejectCode field::write_value(const ColumnContract& column, std::string_view text, std::int64_t now_us,
                              ColumnBuffer& out, std::size_t row, FlagSet& flags) {
  if (!column.judged) return store(column, text, out, row, flags);
  if (const RejectCode code = store(column, text, out, row, flags); code != none) return code;
  if (column.type.kind == TypeKind::text) return judge_text(column, static_cast<StringCell*>(out.values)[row], flags);
  return judge_number(column, number_of(column.type, out, row), now_us, flags);
}

RejectCode field::write_declared(const ColumnContract& column, FieldText field, std::int64_t now_us, ColumnBuffer& out,
                                 std::size_t row, FlagSet& flags) {
  const std::string_view text = column.trim && !field.quoted ? trimmed(field.text) : field.text;
  if (means_null(column, {text, field.quoted})) return write_null(column, out, row, flags);
  if (!column.marks && !column.integral_decimals) return write_value(column, text, now_us, out, row, flags);
  NumberScratch scratch;
  const auto plain = plain_number(column, text, scratch);
  // A text that is not punctuated as declared is no number at all: the conversion finds the code.
  return write_value(column, plain ? *plain : std::string_view("?"), now_us, out, row, flags);
}

}  // namespace millrace
