// Types and logicalTypeOptions of ODCS.
#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <map>

#include "base/words.h"
#include "contract/convert.h"
#include "contract/instant.h"
#include "contract/odcs_parts.h"

namespace millrace::odcs {
namespace {

using yaml::Fields;
using yaml::Node;
using yaml::Place;

Result<ColumnType> decimal_of(const Fields& f, std::string_view physical) {
  unsigned precision = 0, scale = 0;
  const auto open = physical.find('('), comma = physical.find(','), close = physical.find(')');
  const auto number = [&](std::size_t from, std::size_t to, unsigned& out) {
    const std::string_view digits = trimmed(physical.substr(from, to - from));
    const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
    return ec == std::errc{} && end == digits.data() + digits.size();
  };
  if (open == std::string_view::npos || comma == std::string_view::npos || close != physical.size() - 1 ||
      comma < open || close < comma || !number(open + 1, comma, precision) || !number(comma + 1, close, scale) ||
      precision < 1 || precision > 38 || scale > precision)
    return wrong(f, "physicalType", fmt::format("found type \"{}\", expected decimal(p,s) with p up to 38", physical),
                 "write decimal(10,0) for whole numbers");
  return ColumnType{TypeKind::decimal, static_cast<std::uint8_t>(precision), static_cast<std::uint8_t>(scale)};
}

Status read_width(Fields& options, ColumnType& type) {
  static const std::map<std::string, TypeKind, std::less<>> kWidths{
      {"i8", TypeKind::int8}, {"i16", TypeKind::int16}, {"i32", TypeKind::int32}, {"i64", TypeKind::int64}};
  MR_TRY(const std::string format, options.text("format", "i64"));
  const auto it = kWidths.find(format);
  if (it == kWidths.end())
    return waits(options.place().member("format"), *options.node().find("format"),
                 fmt::format("integer format {}", format), "one of i8, i16, i32, i64");
  type.kind = it->second;
  return ok();
}

/// A bound as the column's own number. nullopt: the text is none.
std::optional<Int128> bound_of(const ColumnContract& column, const std::string& text) {
  const auto iso = TimeFormat::iso_timestamp();
  switch (column.type.kind) {
    case TypeKind::decimal: return to_decimal(text, 38, column.type.scale);
    case TypeKind::date: return TimeFormat::iso_date().date(text);
    case TypeKind::timestamp: return iso.timestamp(text);
    case TypeKind::timestamptz: {
      ColumnContract reader;
      reader.type = column.type;
      reader.format = iso;
      reader.default_zone = column.default_zone;
      std::int64_t micros = 0;
      if (read_instant(reader, text, micros) != RejectCode::none) return std::nullopt;
      return micros;
    }
    default: return to_int64(text);
  }
}

std::string_view bound_in_words(TypeKind kind) {
  switch (kind) {
    case TypeKind::decimal: return "a decimal of the column's scale";
    case TypeKind::date: return "a date as 2018-07-12";
    case TypeKind::timestamp: return "a time as 2018-07-12 17:33:04";
    case TypeKind::timestamptz: return "a time as 2018-07-12T17:33:04Z";
    case TypeKind::float64: return "a number";
    default: return "a whole number";
  }
}

struct Bound {
  std::string_view key, words;
  bool low, exclusive;
};
constexpr std::array<Bound, 4> kBounds{{{"minimum", "at least", true, false},
                                        {"exclusiveMinimum", "above", true, true},
                                        {"maximum", "at most", false, false},
                                        {"exclusiveMaximum", "below", false, true}}};

/// Narrows the limits by one bound; false where its text is none.
bool narrow(const ColumnContract& column, const Bound& bound, const std::string& text, ValueLimits& limits) {
  if (column.type.kind == TypeKind::float64) {
    auto number = to_float64(text);
    if (!number) return false;
    const double towards = bound.low ? HUGE_VAL : -HUGE_VAL;
    if (bound.exclusive) number = std::nextafter(*number, towards);
    if (bound.low)
      limits.low_number = std::max(limits.low_number, *number);
    else
      limits.high_number = std::min(limits.high_number, *number);
    return true;
  }
  const auto number = bound_of(column, text);
  if (!number) return false;
  const Int128 step = bound.exclusive ? 1 : 0;
  if (bound.low)
    limits.low = std::max(limits.low, *number + step);
  else
    limits.high = std::min(limits.high, *number - step);
  return true;
}

Status read_step(Fields& options, const ColumnContract& column, ValueLimits& limits, std::vector<std::string>& words) {
  if (column.type.kind == TypeKind::float64 || column.type.kind >= TypeKind::date) return ok();
  MR_TRY(const std::string text, options.text("multipleOf", ""));
  if (options.any("multipleOf") == nullptr) return ok();
  const auto step = bound_of(column, text);
  if (!step || *step <= 0)
    return wrong(options, "multipleOf",
                 fmt::format("found \"{}\", expected {} above 0", text, bound_in_words(column.type.kind)));
  limits.step = *step;
  words.push_back("a multiple of " + text);
  return ok();
}

Status read_limits(Fields& options, ColumnContract& column) {
  ValueLimits limits;
  std::vector<std::string> words;
  std::string_view last;
  for (const Bound& bound : kBounds) {
    MR_TRY(const std::string text, options.text(bound.key, ""));
    if (options.any(bound.key) == nullptr) continue;
    if (!narrow(column, bound, text, limits))
      return wrong(options, bound.key,
                   fmt::format("found \"{}\", expected {}", text, bound_in_words(column.type.kind)));
    words.push_back(fmt::format("{} {}", bound.words, text));
    last = bound.key;
  }
  MR_CHECK(read_step(options, column, limits, words));
  if (limits.low > limits.high || limits.low_number > limits.high_number)
    return wrong(options, last, fmt::format("no value is {}", join(words, " and ")));
  if (words.empty()) return ok();
  limits.in_words = join(words, " and ");
  column.limits = std::move(limits);
  return ok();
}

Status read_length(Fields& options, ColumnContract& column) {
  LengthLimits length;
  MR_TRY(const std::int64_t low, options.integer("minLength", 0));
  MR_TRY(const std::int64_t high, options.integer("maxLength", 1 << 30));
  if (options.any("minLength") == nullptr && options.any("maxLength") == nullptr) return ok();
  if (low < 0 || high < low)
    return wrong(options, options.any("maxLength") == nullptr ? "minLength" : "maxLength",
                 fmt::format("no text has {} to {} characters", low, high));
  length.low = static_cast<std::size_t>(low);
  if (options.any("maxLength") != nullptr) length.high = static_cast<std::size_t>(high);
  column.length = length;
  return ok();
}

Status read_text_options(Fields& options, ColumnContract& column) {
  MR_CHECK(read_length(options, column));
  for (const char* key : {"pattern", "format"}) {
    MR_TRY(const std::string text, options.text(key, ""));
    if (options.any(key) == nullptr) continue;
    auto pattern = std::string_view(key) == "pattern" ? Pattern::compile(text) : Pattern::named(text);
    if (!pattern) {
      Error e = wrong(options, key, pattern.error().message, pattern.error().hint);
      e.kind = pattern.error().kind;
      return e;
    }
    column.patterns.push_back({*std::move(pattern), Severity::error});
  }
  return ok();
}

Status read_zone(Fields& options, ColumnContract& column) {
  MR_TRY(const std::string name, options.text("defaultTimezone", ""));
  const bool zoned = column.type.kind == TypeKind::timestamptz;
  if (options.any("defaultTimezone") == nullptr) return ok();
  if (!zoned)
    return wrong(options, "defaultTimezone", "found a zone for a time without one, expected timezone: true beside it");
  auto zone = TimeZone::load(name);
  if (!zone) return wrong(options, "defaultTimezone", zone.error().message, zone.error().hint);
  column.default_zone = *std::move(zone);
  return ok();
}

Status read_format(Fields& options, ColumnContract& column) {
  MR_TRY(const std::string pattern, options.text("format", ""));
  if (options.any("format") == nullptr) return ok();
  auto format = TimeFormat::compile(pattern);
  if (!format) return wrong(options, "format", format.error().message, format.error().hint);
  if (column.type.kind == TypeKind::date && (format->has_time() || format->has_zone()))
    return wrong(options, "format", fmt::format("found a time in \"{}\", expected a date format", pattern),
                 "use logicalType: timestamp for date and time");
  if (column.type.kind == TypeKind::timestamp && format->has_zone())
    return wrong(options, "format", fmt::format("found a zone in \"{}\", expected a local time", pattern),
                 "declare timezone: true beside it");
  if (column.epoch_unit)
    return wrong(options, "format", "found a format beside the customProperty unit, expected one of them");
  const bool hour24 = column.hour24_next_day;
  column.format = *std::move(format);
  if (hour24) column.format->take_hour24();
  return ok();
}

}  // namespace

Result<ColumnType> read_type(Fields& f) {
  static const std::map<std::string, TypeKind, std::less<>> kTypes{
      {"string", TypeKind::text},     {"integer", TypeKind::int64}, {"number", TypeKind::float64},
      {"boolean", TypeKind::boolean}, {"date", TypeKind::date},     {"timestamp", TypeKind::timestamp}};
  MR_TRY(const std::string logical, f.text("logicalType"));
  MR_TRY(const std::string physical, f.text("physicalType", ""));
  const auto it = kTypes.find(logical);
  if (it == kTypes.end()) {
    for (std::string_view later : {"time", "object", "array"})
      if (logical == later)
        return waits(f.place().member("logicalType"), *f.node().find("logicalType"),
                     fmt::format("logicalType {}", logical));
    return wrong(f, "logicalType",
                 fmt::format("found \"{}\", expected string, integer, number, boolean, date or timestamp", logical));
  }
  ColumnType type{it->second};
  const std::string lower = to_lower_ascii(physical);
  if (type.kind == TypeKind::float64 && (lower.starts_with("decimal") || lower.starts_with("numeric")))
    return decimal_of(f, physical);
  MR_TRY(const Node* node, f.mapping("logicalTypeOptions"));
  if (node == nullptr) return type;
  MR_TRY(Fields options, Fields::of(*node, f.place().member("logicalTypeOptions")));
  if (type.kind == TypeKind::int64) MR_CHECK(read_width(options, type));
  if (type.kind == TypeKind::timestamp) {
    MR_TRY(const bool zoned, options.boolean("timezone", false));
    if (zoned) type.kind = TypeKind::timestamptz;
  }
  return type;
}

Status read_options(Fields& f, ColumnContract& column) {
  const TypeKind kind = column.type.kind;
  const bool is_time = kind == TypeKind::timestamp || kind == TypeKind::timestamptz || kind == TypeKind::date;
  if (is_time) {
    column.format = kind == TypeKind::date ? TimeFormat::iso_date() : TimeFormat::iso_timestamp();
    if (column.hour24_next_day) column.format->take_hour24();
  }
  MR_TRY(const Node* node, f.mapping("logicalTypeOptions"));
  if (node == nullptr) return ok();
  MR_TRY(Fields options, Fields::of(*node, f.place().member("logicalTypeOptions")));
  if (kind == TypeKind::text) MR_CHECK(read_text_options(options, column));
  if (kind == TypeKind::int8 || kind == TypeKind::int16 || kind == TypeKind::int32 || kind == TypeKind::int64)
    options.ignore("format");  // read_type has it
  if (kind == TypeKind::float64) {
    MR_TRY(const std::string format, options.text("format", "f64"));
    if (format != "f64")
      return waits(options.place().member("format"), *options.node().find("format"),
                   fmt::format("number format {}", format), "f64, or physicalType: decimal(p,s)");
    if (const Node* step = options.any("multipleOf"))
      return waits(options.place().member("multipleOf"), *step, "multipleOf of a number that is no decimal",
                   "declare physicalType: decimal(p,s)");
  }
  if (is_time) MR_CHECK(read_format(options, column));
  if (is_time && kind != TypeKind::date) {
    options.ignore("timezone");
    MR_CHECK(read_zone(options, column));
  }
  if (kind != TypeKind::text && kind != TypeKind::boolean) MR_CHECK(read_limits(options, column));
  return options.done();
}

}  // namespace millrace::odcs
