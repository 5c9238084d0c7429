// dbt's own cross-database macros, as functions: what they write for DuckDB.
// Source: docs.getdbt.com/reference/dbt-jinja-functions/cross-database-macros; contracts/dbt.md section 2.5.
#include <fmt/format.h>

#include <array>

#include "base/words.h"
#include "jinja/arguments.h"
#include "jinja/print.h"
#include "transform/render/engine.h"

namespace millrace::transform {
namespace {

using jinja::Args;
using jinja::Bound;
using jinja::Kind;
using jinja::Run;
using jinja::Value;

/// The arguments as SQL text; an empty optional was not given.
struct Given {
  std::vector<std::optional<std::string>> texts;
  std::vector<Value> values;
  [[nodiscard]] const std::string& operator[](std::size_t i) const {
    static const std::string kNothing;
    return texts[i] ? *texts[i] : kNothing;
  }
  [[nodiscard]] std::string or_else(std::size_t i, std::string_view otherwise) const {
    return texts[i] && !texts[i]->empty() ? *texts[i] : std::string(otherwise);
  }
};

using Write = std::string (*)(const Given& a);

struct Builtin {
  std::string_view name;
  std::array<std::string_view, 4> parameters;  ///< "" past the last
  std::size_t required;
  Write write;
};

std::string list_text(const Value& v, std::string_view between) {
  std::vector<std::string> parts;
  if (v.is(Kind::list) || v.is(Kind::tuple)) {
    for (const Value& item : v.items())
      if (auto text = jinja::to_text(item)) parts.push_back(*std::move(text));
  } else if (auto text = jinja::to_text(v)) {
    parts.push_back(*std::move(text));
  }
  return join(parts, between);
}

std::string doubled_quotes(std::string_view text) {
  std::string out;
  for (const char c : text) {
    out += c;
    if (c == '\'') out += c;
  }
  return out;
}

std::string listagg(const Given& a) {
  const std::string delimiter = a.or_else(1, "','"), order = a[2];
  if (a.texts[3] && *a.texts[3] != "None")
    return fmt::format("list_aggr((array_agg({}{}{}))[1:{}], 'string_agg', {})", a[0], order.empty() ? "" : " ", order,
                       a[3], delimiter);
  return fmt::format("string_agg({}, {}{}{})", a[0], delimiter, order.empty() ? "" : " ", order);
}

/// Rows from start to before end, one for each part.
std::string date_spine(const Given& a) {
  return fmt::format(
      "select date_{0} from (select unnest(generate_series(cast({1} as timestamp), cast({2} as timestamp), "
      "interval 1 {0})) as date_{0}) as spine where date_{0} < cast({2} as timestamp)",
      a[0], a[1], a[2]);
}

constexpr std::array<Builtin, 46> kBuiltins{{
    {"dateadd",
     {"datepart", "interval", "from_date_or_timestamp"},
     3,
     [](const Given& a) { return fmt::format("date_add({}, interval ({}) {})", a[2], a[1], a[0]); }},
    {"datediff",
     {"first_date", "second_date", "datepart"},
     3,
     [](const Given& a) { return fmt::format("date_diff('{}', {}::timestamp, {}::timestamp)", a[2], a[0], a[1]); }},
    {"date_trunc",
     {"datepart", "date"},
     2,
     [](const Given& a) { return fmt::format("date_trunc('{}', {})", a[0], a[1]); }},
    {"last_day",
     {"date", "datepart"},
     2,
     [](const Given& a) {
       return fmt::format("cast(date_trunc('{0}', {1}) + interval 1 {0} - interval 1 day as date)", a[1], a[0]);
     }},
    {"date",
     {"year", "month", "day"},
     3,
     [](const Given& a) { return fmt::format("make_date({}, {}, {})", a[0], a[1], a[2]); }},
    {"current_timestamp", {}, 0, [](const Given&) { return std::string("now()"); }},
    {"current_timestamp_backcompat", {}, 0, [](const Given&) { return std::string("current_timestamp::timestamp"); }},
    {"current_timestamp_in_utc_backcompat",
     {},
     0,
     [](const Given&) { return std::string("current_timestamp at time zone 'utc'"); }},
    {"snapshot_get_time", {}, 0, [](const Given&) { return std::string("now()::timestamp"); }},
    {"concat", {"fields"}, 1, [](const Given& a) { return list_text(a.values[0], " || "); }},
    {"hash", {"field"}, 1, [](const Given& a) { return fmt::format("md5(cast({} as TEXT))", a[0]); }},
    {"string_literal", {"value"}, 1, [](const Given& a) { return fmt::format("'{}'", a[0]); }},
    {"escape_single_quotes", {"expression"}, 1, [](const Given& a) { return doubled_quotes(a[0]); }},
    {"safe_cast", {"field", "type"}, 2, [](const Given& a) { return fmt::format("try_cast({} as {})", a[0], a[1]); }},
    {"cast", {"field", "type"}, 2, [](const Given& a) { return fmt::format("cast({} as {})", a[0], a[1]); }},
    {"split_part",
     {"string_text", "delimiter_text", "part_number"},
     3,
     [](const Given& a) { return fmt::format("split_part({}, {}, {})", a[0], a[1], a[2]); }},
    {"listagg", {"measure", "delimiter_text", "order_by_clause", "limit_num"}, 1, listagg},
    {"right",
     {"string_text", "length_expression"},
     2,
     [](const Given& a) { return fmt::format("right({}, {})", a[0], a[1]); }},
    {"replace",
     {"field", "old_chars", "new_chars"},
     3,
     [](const Given& a) { return fmt::format("replace({}, {}, {})", a[0], a[1], a[2]); }},
    {"position",
     {"substring_text", "string_text"},
     2,
     [](const Given& a) { return fmt::format("position({} in {})", a[0], a[1]); }},
    {"length", {"expression"}, 1, [](const Given& a) { return fmt::format("length({})", a[0]); }},
    {"except", {}, 0, [](const Given&) { return std::string("except"); }},
    {"intersect", {}, 0, [](const Given&) { return std::string("intersect"); }},
    {"any_value", {"expression"}, 1, [](const Given& a) { return fmt::format("any_value({})", a[0]); }},
    {"bool_or", {"expression"}, 1, [](const Given& a) { return fmt::format("bool_or({})", a[0]); }},
    {"cast_bool_to_text", {"field"}, 1, [](const Given& a) { return fmt::format("cast({} as varchar)", a[0]); }},
    {"array_construct",
     {"inputs", "data_type"},
     0,
     [](const Given& a) {
       const std::string items = list_text(a.values[0], ", ");
       return items.empty() || items == "None" ? fmt::format("cast([] as {}[])", a.or_else(1, "INTEGER"))
                                               : fmt::format("[{}]", items);
     }},
    {"array_append",
     {"array", "new_element"},
     2,
     [](const Given& a) { return fmt::format("list_append({}, {})", a[0], a[1]); }},
    {"array_concat",
     {"array_1", "array_2"},
     2,
     [](const Given& a) { return fmt::format("list_concat({}, {})", a[0], a[1]); }},
    {"generate_series",
     {"upper_bound"},
     1,
     [](const Given& a) { return fmt::format("select unnest(generate_series(1, {})) as generated_number", a[0]); }},
    {"date_spine", {"datepart", "start_date", "end_date"}, 3, date_spine},
    {"type_string", {}, 0, [](const Given&) { return std::string("TEXT"); }},
    {"type_timestamp", {}, 0, [](const Given&) { return std::string("TIMESTAMP"); }},
    {"type_float", {}, 0, [](const Given&) { return std::string("FLOAT"); }},
    {"type_numeric", {}, 0, [](const Given&) { return std::string("numeric(28,6)"); }},
    {"type_bigint", {}, 0, [](const Given&) { return std::string("bigint"); }},
    {"type_int", {}, 0, [](const Given&) { return std::string("INT"); }},
    {"type_boolean", {}, 0, [](const Given&) { return std::string("BOOLEAN"); }},
    {"type_date", {}, 0, [](const Given&) { return std::string("DATE"); }},
    {"get_powers_of_two", {"upper_bound"}, 1, [](const Given& a) { return fmt::format("ceil(log2({}))", a[0]); }},
    {"equals",
     {"expr1", "expr2"},
     2,
     [](const Given& a) {
       return fmt::format("case when (({0} = {1}) or ({0} is null and {1} is null)) then 0 else 1 end = 0", a[0], a[1]);
     }},
    {"left",
     {"string_text", "length_expression"},
     2,
     [](const Given& a) { return fmt::format("left({}, {})", a[0], a[1]); }},
    {"convert_timezone",
     {"source_tz", "target_tz", "timestamp"},
     3,
     [](const Given& a) { return fmt::format("timezone({}, timezone({}, {}))", a[1], a[0], a[2]); }},
    {"trim", {"expression"}, 1, [](const Given& a) { return fmt::format("trim({})", a[0]); }},
    {"current_date", {}, 0, [](const Given&) { return std::string("current_date"); }},
    {"string_agg", {"measure", "delimiter_text", "order_by_clause", "limit_num"}, 1, listagg},
}};

Result<Value> call(const Builtin& b, const Args& args) {
  std::array<std::optional<Value>, 4> found;
  std::size_t count = 0;
  while (count < b.parameters.size() && !b.parameters[count].empty()) ++count;
  if (args.positional.size() > count)
    return Error{ErrorKind::invalid_input,
                 fmt::format("{}() takes at most {} arguments, found {}", b.name, count, args.positional.size()),
                 {},
                 {}};
  for (std::size_t i = 0; i < args.positional.size(); ++i) found[i] = args.positional[i];
  for (const auto& [name, value] : args.named) {
    std::size_t i = 0;
    while (i < count && b.parameters[i] != name) ++i;
    if (i == count)
      return Error{ErrorKind::invalid_input, fmt::format("{}() has no argument \"{}\"", b.name, name), {}, {}};
    found[i] = value;
  }
  Given given;
  for (std::size_t i = 0; i < 4; ++i) {
    given.values.push_back(found[i].value_or(Value()));
    if (!found[i] || found[i]->is(Kind::none)) {
      if (i < b.required)
        return Error{ErrorKind::invalid_input, fmt::format("{}() needs {}", b.name, b.parameters[i]), {}, {}};
      given.texts.emplace_back();
      continue;
    }
    MR_TRY(std::string text, jinja::to_text(*found[i]));
    given.texts.emplace_back(std::move(text));
  }
  return Value(b.write(given));
}

}  // namespace

std::optional<Value> builtin_macro(const NodeScope&, std::string_view name) {
  for (const Builtin& b : kBuiltins)
    if (b.name == name)
      return Value::function(std::string(name), [&b](Run&, const Args& args) { return call(b, args); });
  return std::nullopt;
}

std::vector<std::string> builtin_macro_names() {
  std::vector<std::string> out;
  for (const Builtin& b : kBuiltins) out.emplace_back(b.name);
  return out;
}

}  // namespace millrace::transform
