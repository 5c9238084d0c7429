#include <fmt/format.h>

#include <algorithm>

#include "jinja/arguments.h"
#include "jinja/characters.h"
#include "jinja/compare.h"
#include "jinja/filters.h"
#include "jinja/numbers.h"
#include "jinja/operations.h"
#include "jinja/sorting.h"
#include "jinja/text.h"

namespace millrace::jinja {
namespace {

using Out = Result<Value>;

/// The items to go through: as in Jinja none, 0 and all else that is falsy has none.
Result<std::vector<Value>> items_of(const Value& subject, Meter& meter) {
  MR_TRY(const bool any, truth(subject));
  if (!any) return std::vector<Value>{};
  return iterate(subject, meter);
}

/// The arguments that remain for the filter or test named first.
Args rest_of(const Args& args, std::size_t from) {
  Args out = args;
  out.positional.erase(out.positional.begin(), out.positional.begin() + static_cast<std::ptrdiff_t>(from));
  return out;
}

Out map(Run& run, const Value& subject, const Args& args) {
  std::vector<Value> out;
  if (args.positional.empty()) {
    MR_TRY(const Bound a, Bound::match("map", args, {"attribute", "default"}, 1));
    MR_TRY(const std::vector<Value> items, items_of(subject, run.meter()));
    for (const Value& item : items) {
      MR_TRY(Value v, value_at(item, a.value(0), run));
      out.push_back(v.is(Kind::undefined) && a.has(1) ? a.value(1) : std::move(v));
    }
    return Value::list(std::move(out));
  }
  if (!args.positional[0].is(Kind::text))
    return Error{ErrorKind::invalid_input, "map: expected attribute=... or the name of a filter", {}, {}};
  const std::string name = args.positional[0].text();
  const Args rest = rest_of(args, 1);
  MR_TRY(const std::vector<Value> items, items_of(subject, run.meter()));
  for (const Value& item : items) {
    MR_CHECK(run.meter().check_stack());  // map('map', 'map', ...) recurses
    MR_TRY(Value v, apply_filter(name, run, item, rest));
    out.push_back(std::move(v));
  }
  return Value::list(std::move(out));
}

/// select, reject, selectattr and rejectattr.
template <bool Keep, bool ByAttribute>
Out pick(Run& run, const Value& subject, const Args& args) {
  const std::size_t before = ByAttribute ? 1 : 0;
  if (args.positional.size() < before)
    return Error{ErrorKind::invalid_input, "selectattr and rejectattr: found no attribute", {}, {}};
  Value attribute;  // gcc 12 miscompiles `constant ? lvalue : Value()`, so no conditional expression
  if (ByAttribute) attribute = args.positional[0];
  std::string test;
  if (args.positional.size() > before) {
    if (!args.positional[before].is(Kind::text))
      return Error{ErrorKind::invalid_input,
                   fmt::format("found {}, expected the name of a test", args.positional[before].type_name()),
                   {},
                   {}};
    test = args.positional[before].text();
  }
  const Args rest = rest_of(args, std::min(before + 1, args.positional.size()));
  MR_TRY(const std::vector<Value> items, items_of(subject, run.meter()));
  std::vector<Value> out;
  for (const Value& item : items) {
    MR_TRY(const Value v, value_at(item, attribute, run));
    MR_TRY(const bool holds, test.empty() ? truth(v) : apply_test(test, run, v, rest));
    if (holds == Keep) out.push_back(item);
  }
  return Value::list(std::move(out));
}

Out attr(Run& run, const Value& subject, const Args& args) {
  MR_TRY(const Bound a, Bound::match("attr", args, {"name"}, 1));
  MR_TRY(const std::string name, a.text(0));
  return attribute_of(subject, name, run);
}

Out otherwise(Run& run, const Value& subject, const Args& args) {
  MR_TRY(const Bound a, Bound::match("default", args, {"default_value", "boolean"}));
  MR_TRY(const bool by_truth, a.flag(1, false));
  if (subject.is(Kind::undefined)) return a.value(0, Value(""));
  MR_CHECK(run.meter().spend());
  if (!by_truth) return subject;
  MR_TRY(const bool holds, truth(subject));
  return holds ? subject : a.value(0, Value(""));
}

Out groupby(Run& run, const Value& subject, const Args& args) {
  MR_TRY(const Bound a, Bound::match("groupby", args, {"attribute", "default", "case_sensitive"}, 1));
  MR_TRY(const bool case_sensitive, a.flag(2, false));
  MR_TRY(const std::vector<Value> items, iterate(subject, run.meter()));
  std::vector<Value> pairs, keys;  // of (real key, item), by folded key
  for (const Value& item : items) {
    MR_TRY(Value key, value_at(item, a.value(0), run));
    if (key.is(Kind::undefined) && a.has(1)) key = a.value(1);
    keys.push_back(!case_sensitive && key.is(Kind::text) ? Value(lower(key.text())) : key);
    pairs.push_back(Value::tuple({keys.back(), key, item}));
  }
  MR_TRY(const std::vector<Value> ordered, sorted(pairs, keys, false, run.meter()));
  std::vector<Value> out;
  for (std::size_t i = 0; i < ordered.size();) {
    const Value key = ordered[i].items()[0];
    std::vector<Value> group;
    const Value shown = ordered[i].items()[1];
    for (bool same = true; same; same = same && i < ordered.size()) {
      group.push_back(ordered[i].items()[2]);
      if (++i == ordered.size()) break;
      MR_TRY(same, equal(ordered[i].items()[0], key, run.meter()));
    }
    out.push_back(Value::tuple({shown, Value::list(std::move(group))}));
  }
  return Value::list(std::move(out));
}

}  // namespace

Result<Value> value_at(const Value& item, const Value& path, Run& run) {
  if (path.is(Kind::none)) return item;
  if (!path.is(Kind::text)) return item_of(item, path, run);
  Value at = item;
  for (const std::string_view step : split_at(path.text(), ".", -1, false)) {
    const auto index = read_integer(step, 10);
    const bool is_index = index && !step.empty() && step.find_first_not_of("0123456789") == std::string_view::npos;
    // Keys come before methods here: map(attribute='items') means the column called items.
    MR_TRY(at, item_of(at, is_index ? Value(*index) : Value(step), run));
  }
  return at;
}

std::span<const NamedFilter> selection_filters() {
  static constexpr NamedFilter kFilters[] = {
      {"attr", attr},
      {"d", otherwise},
      {"default", otherwise},
      {"groupby", groupby},
      {"map", map},
      {"reject", pick<false, false>},
      {"rejectattr", pick<false, true>},
      {"select", pick<true, false>},
      {"selectattr", pick<true, true>},
  };
  return kFilters;
}

}  // namespace millrace::jinja
