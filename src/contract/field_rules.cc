#include "contract/field_rules.h"

#include <fmt/format.h>

#include "base/words.h"
#include "contract/convert.h"

namespace millrace {
namespace {

using enum RejectCode;

/// The rule of a column is broken: reject, or flag and go on.
RejectCode judged(Severity severity, RejectCode code, RejectCode& flag) {
  if (severity == Severity::error) return code;
  flag = code;
  return none;
}

template <class T>
RejectCode stored(const std::optional<T>& value, RejectCode otherwise, ColumnBuffer& out, std::size_t row) {
  if (!value) return otherwise;
  out.set<T>(row, *value);
  return none;
}

RejectCode write_time(const ColumnContract& column, std::string_view text, std::int64_t now_us, ColumnBuffer& out,
                      std::size_t row, RejectCode& flag) {
  constexpr std::int64_t kMicrosPerDay = 86'400'000'000;
  std::int64_t instant = 0;
  if (column.type.kind == TypeKind::date) {
    const auto day = column.format->date(text);
    if (!day) return bad_date;
    out.set<std::int32_t>(row, *day);
    instant = *day * kMicrosPerDay;
  } else {
    const auto time = column.format->timestamp(text);
    if (!time) return bad_timestamp;
    out.set<std::int64_t>(row, *time);
    instant = *time;
  }
  if (column.not_in_future && instant > latest_now(now_us)) return judged(*column.not_in_future, in_the_future, flag);
  return none;
}

RejectCode write_text(const ColumnContract& column, std::string_view text, ColumnBuffer& out, std::size_t row,
                      RejectCode& flag) {
  out.set(row, StringCell::of(text));
  if (column.accepted && !column.accepted->lookup.contains(text))
    return judged(column.accepted->severity, not_accepted, flag);
  return none;
}

}  // namespace

RejectCode write_field(const ColumnContract& column, FieldText field, std::int64_t now_us, ColumnBuffer& out,
                       std::size_t row, RejectCode& flag) {
  if (field.text.empty() && !(field.quoted && column.type.kind == TypeKind::text)) {
    if (column.required) return missing_value;
    out.set_null(row);
    return none;
  }
  switch (column.type.kind) {
    case TypeKind::text: return write_text(column, field.text, out, row, flag);
    case TypeKind::int64: return stored(to_int64(field.text), bad_integer, out, row);
    case TypeKind::float64: return stored(to_float64(field.text), bad_number, out, row);
    case TypeKind::boolean: return stored(to_boolean(field.text), bad_boolean, out, row);
    case TypeKind::date:
    case TypeKind::timestamp: return write_time(column, field.text, now_us, out, row, flag);
    case TypeKind::decimal: {
      const auto value = to_decimal(field.text, column.type.precision, column.type.scale);
      if (!value) return bad_decimal;
      if (column.type.precision <= 4)
        out.set<std::int16_t>(row, static_cast<std::int16_t>(*value));
      else if (column.type.precision <= 9)
        out.set<std::int32_t>(row, static_cast<std::int32_t>(*value));
      else
        out.set<std::int64_t>(row, *value);
      return none;
    }
    default: break;
  }
  MR_INVARIANT(false, "a contract declares only types that fields are read into");
}

std::string reason_of(const ColumnContract& column, FieldText field, RejectCode code) {
  const auto found = [&](std::string_view expected) {
    return fmt::format("{}: found \"{}\", expected {}", column.name, printable(field.text, 60), expected);
  };
  switch (code) {
    case missing_value: return fmt::format("{}: found nothing, expected a value", column.name);
    case bad_integer: return found("a whole number");
    case bad_number: return found("a number");
    case bad_boolean: return found("true or false");
    case bad_decimal: return found(fmt::format("decimal({},{})", column.type.precision, column.type.scale));
    case bad_date:
    case bad_timestamp: return found(column.format->pattern());
    case in_the_future: return found("a time that is not in the future");
    case not_accepted: {
      const std::string near = nearest(field.text, column.accepted->values);
      return found(near.empty() ? fmt::format("one of {}", join(column.accepted->values, ", "))
                                : fmt::format("one of the {} accepted values, perhaps {}",
                                              column.accepted->values.size(), near));
    }
    default: return fmt::format("{}: {}", column.name, meaning_of(code).meaning);
  }
}

}  // namespace millrace
