// Why a field is not good, in words: found, expected, and what it may be instead.
#include <fmt/format.h>

#include <algorithm>

#include "base/words.h"
#include "contract/field_rules.h"
#include "contract/field_text.h"

namespace millrace {
namespace {

using enum RejectCode;

std::string integer_in_words(TypeKind kind) {
  switch (kind) {
    case TypeKind::int8: return "a whole number from -128 to 127";
    case TypeKind::int16: return "a whole number from -32768 to 32767";
    case TypeKind::int32: return "a whole number from -2147483648 to 2147483647";
    default: return "a whole number";
  }
}

std::string marks_in_words(const ColumnContract& column) {
  if (!column.marks) return "";
  const std::string& group = column.marks->group;
  return fmt::format(", written 1{}234{}56", group, column.marks->decimal);
}

std::string boolean_in_words(const ColumnContract& column) {
  if (!column.words) return "true or false";
  return fmt::format("{} for true, or {} for false", join(column.words->truths, ", "),
                     join(column.words->falsehoods, ", "));
}

std::string time_in_words(const ColumnContract& column) {
  if (column.epoch_unit) {
    constexpr std::array kUnits{"seconds", "milliseconds", "microseconds", "nanoseconds that are whole microseconds"};
    return fmt::format("{} since 1970, in the years 0001 to 9999",
                       kUnits.at(static_cast<std::size_t>(*column.epoch_unit)));
  }
  if (column.type.kind != TypeKind::timestamptz) return column.format->pattern();
  return column.format->pattern() + (column.default_zone ? ", with or without an offset" : " with Z or an offset");
}

/// Excel counts days from 1900: 5 digits are the years 1927 to 2173.
bool may_be_excel_day(std::string_view text) {
  const std::string_view days = text.substr(0, text.find('.'));
  return days.size() == 5 && text.find_first_not_of("0123456789.") == std::string_view::npos;
}

std::string hint_for(const ColumnContract& column, std::string_view text, RejectCode code) {
  if ((code == bad_date || code == bad_timestamp) && !column.epoch_unit && may_be_excel_day(text))
    return "; perhaps an Excel day number";
  if (code == bad_integer && looks_shortened(text)) return "; perhaps shortened by Excel";
  return "";
}

std::string pattern_in_words(const ColumnContract& column, std::string_view text) {
  if (column.identifies && looks_shortened(text)) return "an identifier in full, not as Excel shortens it";
  for (const PatternRule& rule : column.patterns)
    if (!rule.pattern.matches(text)) return rule.pattern.in_words();
  return "a match of the declared pattern";
}

std::string length_in_words(const LengthLimits& limits) {
  if (limits.low == limits.high) return fmt::format("{}", limits.low);
  if (limits.high == LengthLimits{}.high) return fmt::format("{} or more", limits.low);
  return fmt::format("{} to {}", limits.low, limits.high);
}

std::string accepted_in_words(const AcceptedValues& accepted, std::string_view text) {
  const std::string near = nearest(text, accepted.values);
  return near.empty() ? fmt::format("one of {}", join(accepted.values, ", "))
                      : fmt::format("one of the {} accepted values, perhaps {}", accepted.values.size(), near);
}

std::string expected(const ColumnContract& column, std::string_view text, RejectCode code) {
  switch (code) {
    case missing_value: return "a value";
    case bad_integer: return integer_in_words(column.type.kind) + marks_in_words(column);
    case bad_number: return "a number" + marks_in_words(column);
    case bad_boolean: return boolean_in_words(column);
    case bad_decimal:
      return fmt::format("decimal({},{}){}", column.type.precision, column.type.scale, marks_in_words(column));
    case bad_date:
    case bad_timestamp: return time_in_words(column);
    case unexpected_zone: return column.format->pattern() + " without a zone";
    case ambiguous_time:
      return fmt::format("a time that the clocks{} show exactly once, or one with its offset",
                         column.default_zone ? " of " + column.default_zone->name() : "");
    case in_the_future: return "a time that is not in the future";
    case out_of_range: return "a value " + (column.limits ? column.limits->in_words : std::string("in range"));
    case no_match: return pattern_in_words(column, text);
    case not_accepted: return accepted_in_words(*column.accepted, text);
    default: return "";
  }
}

/// What a value was loaded as; "" for a code that is no such flag.
std::string_view loaded_as(RejectCode code) {
  switch (code) {
    case leading_zeros: return "loaded without its leading zeros";
    case minus_zero: return "loaded as 0";
    case date_only: return "loaded as midnight";
    case composed_text: return "loaded in Unicode's composed form";
    default: return "";
  }
}

}  // namespace

std::string reason_of(const ColumnContract& column, FieldText field, RejectCode code) {
  const std::string_view text = column.trim && !field.quoted ? trimmed(field.text) : field.text;
  if (code == missing_value && text.empty()) return fmt::format("{}: found nothing, expected a value", column.name);
  const std::string found = fmt::format("{}: found \"{}\"", column.name, printable(field.text, 60));
  if (code == bad_length && column.length)
    return fmt::format("{}: found {}, expected {}: \"{}\"", column.name,
                       counted(static_cast<std::int64_t>(code_points_of(text)), "character"),
                       length_in_words(*column.length), printable(text, 60));
  if (const auto as = loaded_as(code); !as.empty()) return fmt::format("{}, {}", found, as);
  const std::string wanted = expected(column, text, code);
  if (wanted.empty()) return fmt::format("{}: {}", column.name, meaning_of(code).meaning);
  return fmt::format("{}, expected {}{}", found, wanted, hint_for(column, text, code));
}

}  // namespace millrace
