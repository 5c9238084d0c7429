// customProperties of ODCS: where our own settings of a column stand.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/words.h"
#include "contract/field_text.h"
#include "contract/odcs_parts.h"

namespace millrace::odcs {
namespace {

using yaml::Fields;
using yaml::Node;
using yaml::Place;

bool is_number(TypeKind kind) { return kind == TypeKind::float64 || kind == TypeKind::decimal; }
bool is_integer(TypeKind kind) {
  return kind == TypeKind::int8 || kind == TypeKind::int16 || kind == TypeKind::int32 || kind == TypeKind::int64;
}
bool is_timestamp(TypeKind kind) { return kind == TypeKind::timestamp || kind == TypeKind::timestamptz; }

/// One property of ours: where it may stand, and how it is read from its mapping's `value`.
struct Property {
  std::string name;
  std::string_view of;  ///< the types, for messages
  bool (*fits)(TypeKind);
  Status (*read)(Fields& f, ColumnContract& column);
};

Result<std::string> choice(Fields& f, std::initializer_list<std::string_view> words) {
  MR_TRY(std::string text, f.text("value"));
  std::vector<std::string> known(words.begin(), words.end());
  if (std::ranges::find(known, text) != known.end()) return text;
  return wrong(f, "value", fmt::format("found \"{}\", expected {}", text, join(known, " or ")));
}

Status read_words(Fields& f, bool truth, ColumnContract& column) {
  MR_TRY(std::vector<std::string> words, f.texts("value"));
  if (words.empty()) return wrong(f, "value", "found no word, expected at least one");
  if (!column.words) column.words.emplace();
  (truth ? column.words->truths : column.words->falsehoods) = std::move(words);
  return ok();
}

Status read_mark(Fields& f, bool decimal, ColumnContract& column) {
  MR_TRY(std::string mark, f.text("value"));
  if (code_points_of(mark) != 1 || (mark[0] >= '0' && mark[0] <= '9') || mark == "-" || mark == "+")
    return wrong(f, "value", fmt::format("found \"{}\", expected one character that is no digit and no sign", mark));
  if (!column.marks) column.marks.emplace();
  (decimal ? column.marks->decimal : column.marks->group) = std::move(mark);
  return ok();
}

Status read_null_values(Fields& f, ColumnContract& column) {
  const Node* value = f.any("value");
  if (value != nullptr && value->kind == Node::Kind::sequence && value->items.empty()) {
    column.null_values.clear();  // nothing means NULL
    return ok();
  }
  MR_TRY(column.null_values, f.texts("value"));
  return ok();
}

Status read_aliases(Fields& f, ColumnContract& column) {
  MR_TRY(column.aliases, f.texts("value"));
  for (const std::string& alias : column.aliases)
    if (alias.empty()) return wrong(f, "value", "found an empty alias, expected a column name");
  return ok();
}

Status read_unit(Fields& f, ColumnContract& column) {
  MR_TRY(const std::string unit, choice(f, {"s", "ms", "us", "ns"}));
  column.epoch_unit = unit == "s"    ? EpochUnit::s
                      : unit == "ms" ? EpochUnit::ms
                      : unit == "us" ? EpochUnit::us
                                     : EpochUnit::ns;
  return ok();
}

const std::vector<Property>& properties() {
  static constexpr auto kAny = [](TypeKind) { return true; };
  static constexpr auto kZoned = [](TypeKind kind) { return kind == TypeKind::timestamptz; };
  static constexpr auto kBoolean = [](TypeKind kind) { return kind == TypeKind::boolean; };
  static constexpr auto kPunctuated = [](TypeKind kind) { return is_number(kind) || is_integer(kind); };
  static const std::vector<Property> all{
      {"nullValues", "any type", kAny, read_null_values},
      {"aliases", "any type", kAny, read_aliases},
      {"trim", "any type", kAny,
       [](Fields& f, ColumnContract& c) -> Status {
         MR_TRY(c.trim, f.boolean("value", false));
         return ok();
       }},
      {"unicode", "string", [](TypeKind kind) { return kind == TypeKind::text; },
       [](Fields& f, ColumnContract& c) -> Status {
         MR_CHECK(choice(f, {"NFC"}));
         c.composed = true;
         return ok();
       }},
      {"trueValues", "boolean", kBoolean, [](Fields& f, ColumnContract& c) { return read_words(f, true, c); }},
      {"falseValues", "boolean", kBoolean, [](Fields& f, ColumnContract& c) { return read_words(f, false, c); }},
      {"decimalSeparator", "number", is_number, [](Fields& f, ColumnContract& c) { return read_mark(f, true, c); }},
      {"groupSeparator", "number or integer", kPunctuated,
       [](Fields& f, ColumnContract& c) { return read_mark(f, false, c); }},
      {"integralDecimals", "integer", is_integer,
       [](Fields& f, ColumnContract& c) -> Status {
         MR_TRY(c.integral_decimals, f.boolean("value", false));
         return ok();
       }},
      {"dstPolicy", "timestamp with timezone: true", kZoned,
       [](Fields& f, ColumnContract& c) -> Status {
         MR_TRY(const std::string word, choice(f, {"earlier", "later"}));
         c.dst_policy = word == "earlier" ? DstPolicy::earlier : DstPolicy::later;
         return ok();
       }},
      {"hour24", "timestamp", is_timestamp,
       [](Fields& f, ColumnContract& c) -> Status {
         MR_CHECK(choice(f, {"next_day"}));
         c.hour24_next_day = true;
         return ok();
       }},
      {"unit", "timestamp", is_timestamp, read_unit},
  };
  return all;
}

/// What each property alone cannot see.
Status check_together(const Fields& f, const ColumnContract& column) {
  const Node& node = *f.node().find("customProperties");
  const Place place = f.place().member("customProperties");
  if (column.words) {
    if (column.words->truths.empty() || column.words->falsehoods.empty())
      return yaml::error_at(place, node, "expected trueValues and falseValues together");
    for (const std::string& word : column.words->truths)
      if (std::ranges::find(column.words->falsehoods, word) != column.words->falsehoods.end())
        return yaml::error_at(place, node, fmt::format("\"{}\" stands for true and for false", word));
  }
  if (column.marks && column.marks->decimal == column.marks->group)
    return yaml::error_at(place, node, fmt::format("\"{}\" separates decimals and groups", column.marks->decimal),
                          "declare decimalSeparator and groupSeparator, each with its own character");
  return ok();
}

Status read_property(const Node& node, const Place& place, ColumnContract& column, std::set<std::string>& seen) {
  MR_TRY(Fields f, Fields::of(node, place));
  for (const char* told : {"id", "description", "value"}) f.ignore(told);
  MR_TRY(const std::string name, f.text("property"));
  std::vector<std::string> names;
  for (const Property& p : properties()) {
    names.push_back(p.name);
    if (p.name != name) continue;
    if (!p.fits(column.type.kind))
      return wrong(f, "property", fmt::format("\"{}\" is for columns of type {}", name, p.of));
    if (!seen.insert(name).second) return wrong(f, "property", fmt::format("\"{}\" is given twice", name));
    if (f.any("value") == nullptr) return yaml::error_at(place, node, fmt::format("\"{}\" has no value", name));
    MR_CHECK(p.read(f, column));
    return f.done();
  }
  // The field uses custom properties freely: only a slip of ours is an error.
  if (const std::string meant = nearest(name, names); !meant.empty())
    return wrong(
        f, "property", fmt::format("unknown property \"{}\"", name),
        fmt::format("did you mean \"{}\"? A property that is not millrace's needs a name less like it", meant));
  return ok();
}

}  // namespace

Status read_properties(Fields& f, ColumnContract& column) {
  MR_TRY(const Node* list, f.sequence("customProperties"));
  if (list == nullptr) return ok();
  std::set<std::string> seen;
  for (std::size_t i = 0; i < list->items.size(); ++i)
    MR_CHECK(read_property(list->items[i], f.place().member("customProperties").item(i), column, seen));
  return check_together(f, column);
}

}  // namespace millrace::odcs
