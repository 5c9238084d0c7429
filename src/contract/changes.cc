#include "contract/changes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/words.h"

namespace millrace {
namespace {

struct Aspect {
  std::string name, text;
};

std::string type_in_words(const ColumnType& type) {
  switch (type.kind) {
    case TypeKind::int8: return "integer i8";
    case TypeKind::int16: return "integer i16";
    case TypeKind::int32: return "integer i32";
    case TypeKind::int64: return "integer";
    case TypeKind::float64: return "number";
    case TypeKind::decimal: return fmt::format("decimal({},{})", type.precision, type.scale);
    case TypeKind::boolean: return "boolean";
    case TypeKind::date: return "date";
    case TypeKind::timestamp: return "timestamp";
    case TypeKind::timestamptz: return "timestamp with zone";
    default: return "string";
  }
}

std::string_view in_words(Severity severity) { return severity == Severity::error ? "error" : "warning"; }
std::string yes(bool condition) { return condition ? "yes" : ""; }

std::string quoted(const std::vector<std::string>& texts) {
  std::vector<std::string> out;
  for (const std::string& t : texts) out.push_back(fmt::format("\"{}\"", printable(t, 40)));
  return join(out, ", ");
}

std::string patterns_in_words(const ColumnContract& c) {
  std::vector<std::string> out;
  for (const PatternRule& rule : c.patterns)
    out.push_back(fmt::format("{} ({})", rule.pattern.in_words(), in_words(rule.severity)));
  return join(out, " and ");
}

std::string length_in_words(const ColumnContract& c) {
  if (!c.length) return "";
  return c.length->high == LengthLimits{}.high ? fmt::format("at least {}", c.length->low)
                                               : fmt::format("{} to {}", c.length->low, c.length->high);
}

/// How a text is read.
std::vector<Aspect> reading_of(const ColumnContract& c) {
  constexpr std::array kUnits{"s", "ms", "us", "ns"};
  constexpr std::array kPolicies{"", "earlier", "later"};
  return {
      {"type", type_in_words(c.type)},
      {"format", c.format && !c.epoch_unit ? c.format->pattern() : ""},
      {"unit", c.epoch_unit ? kUnits.at(static_cast<std::size_t>(*c.epoch_unit)) : ""},
      {"default time zone", c.default_zone ? c.default_zone->name() : ""},
      {"dstPolicy", kPolicies.at(static_cast<std::size_t>(c.dst_policy))},
      {"hour24", c.hour24_next_day ? "next_day" : ""},
      {"aliases", quoted(c.aliases)},
      {"null values", quoted(c.null_values)},
      {"trim", yes(c.trim)},
      {"integralDecimals", yes(c.integral_decimals)},
      {"number marks", c.marks ? fmt::format("1{}234{}56", c.marks->group, c.marks->decimal) : ""},
      {"words",
       c.words ? fmt::format("true is {}, false is {}", quoted(c.words->truths), quoted(c.words->falsehoods)) : ""}};
}

/// What a value must be.
std::vector<Aspect> rules_of(const ColumnContract& c) {
  return {{"required", c.required     ? "error"
                       : c.flag_nulls ? "warning"
                                      : ""},
          {"unique", yes(c.unique)},
          {"bounds", c.limits ? c.limits->in_words : ""},
          {"length", length_in_words(c)},
          {"pattern", patterns_in_words(c)},
          {"accepted values",
           c.accepted ? fmt::format("{} ({})", quoted(c.accepted->values), in_words(c.accepted->severity)) : ""},
          {"not in the future", c.not_in_future ? std::string(in_words(*c.not_in_future)) : ""}};
}

std::vector<Aspect> aspects_of(const ColumnContract& column) {
  std::vector<Aspect> out = reading_of(column);
  for (Aspect& rule : rules_of(column)) out.push_back(std::move(rule));
  return out;
}

const ColumnContract* find(const Contract& contract, const std::string& name) {
  for (const ColumnContract& column : contract.columns)
    if (to_lower_ascii(column.name) == to_lower_ascii(name)) return &column;
  return nullptr;
}

std::vector<std::string> names_of(const Contract& contract, const std::vector<std::size_t>& columns) {
  std::vector<std::string> out;
  for (const std::size_t i : columns) out.push_back(contract.columns[i].name);
  return out;
}

void add_rules(const Contract& before, const Contract& after, std::vector<ContractChange>& out) {
  const auto in = [](const Contract& contract, const std::string& name) -> std::string {
    for (const RowRule& rule : contract.row_rules)
      if (rule.name == name) return fmt::format("{} ({})", rule.sql, in_words(rule.severity));
    return "";
  };
  for (const RowRule& rule : after.row_rules) {
    const std::string old = in(before, rule.name), now = in(after, rule.name);
    if (old != now) out.push_back({"rule " + rule.name, "", old, now});
  }
  for (const RowRule& rule : before.row_rules)
    if (in(after, rule.name).empty()) out.push_back({"rule " + rule.name, "", in(before, rule.name), ""});
}

/// The columns that both have, in the order of the first.
std::vector<std::string> common(const Contract& first, const Contract& second) {
  std::vector<std::string> out;
  for (const ColumnContract& column : first.columns)
    if (find(second, column.name) != nullptr) out.push_back(to_lower_ascii(column.name));
  return out;
}

}  // namespace

std::string ContractChange::text() const {
  const std::string what = aspect.empty() ? subject : subject + ": " + aspect;
  if (before.empty()) return fmt::format("{} added: {}", what, after);
  if (after.empty()) return fmt::format("{} removed: {}", what, before);
  return fmt::format("{}: {} becomes {}", what, before, after);
}

std::vector<ContractChange> changes_between(const Contract& before, const Contract& after) {
  std::vector<ContractChange> out;
  for (const ColumnContract& column : after.columns) {
    const ColumnContract* old = find(before, column.name);
    if (old == nullptr) {
      out.push_back({"column " + column.name, "", "", type_in_words(column.type)});
      continue;
    }
    const auto was = aspects_of(*old), is = aspects_of(column);
    for (std::size_t i = 0; i < is.size(); ++i)
      if (was[i].text != is[i].text) out.push_back({"column " + column.name, is[i].name, was[i].text, is[i].text});
  }
  for (const ColumnContract& column : before.columns)
    if (find(after, column.name) == nullptr)
      out.push_back({"column " + column.name, "", type_in_words(column.type), ""});
  if (const auto was = common(before, after), is = common(after, before); was != is)
    out.push_back({"order of columns", "", join(was, ", "), join(is, ", ")});
  const std::string key = join(names_of(before, before.primary_key), ", "),
                    new_key = join(names_of(after, after.primary_key), ", ");
  if (key != new_key) out.push_back({"primary key", "", key, new_key});
  add_rules(before, after, out);
  return out;
}

}  // namespace millrace
