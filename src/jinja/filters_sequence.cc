#include <fmt/format.h>

#include <algorithm>

#include "jinja/arguments.h"
#include "jinja/characters.h"
#include "jinja/compare.h"
#include "jinja/filters.h"
#include "jinja/operations.h"
#include "jinja/print.h"
#include "jinja/sorting.h"
#include "jinja/text.h"

namespace millrace::jinja {
namespace {

using Out = Result<Value>;

/// Texts count as equal whatever their case, unless told otherwise.
Value folded(const Value& v, bool case_sensitive) {
  return !case_sensitive && v.is(Kind::text) ? Value(lower(v.text())) : v;
}

/// The key of one item: its attribute, or a list of them for "a,b".
Out sort_key(const Value& item, const Value& attribute, bool case_sensitive, Run& run) {
  if (attribute.is(Kind::text) && attribute.text().find(',') != std::string::npos) {
    std::vector<Value> parts;
    for (const std::string_view name : split_at(attribute.text(), ",", -1, false)) {
      MR_TRY(const Value part, value_at(item, Value(name), run));
      parts.push_back(folded(part, case_sensitive));
    }
    return Value::list(std::move(parts));
  }
  MR_TRY(const Value key, value_at(item, attribute, run));
  return folded(key, case_sensitive);
}

Result<std::vector<Value>> sort_keys(const std::vector<Value>& items, const Value& attribute, bool case_sensitive,
                                     Run& run) {
  std::vector<Value> keys;
  for (const Value& item : items) {
    MR_TRY(Value key, sort_key(item, attribute, case_sensitive, run));
    keys.push_back(std::move(key));
  }
  return keys;
}

Out sort(Run& run, const Value& subject, const Args& args) {
  MR_TRY(const Bound a, Bound::match("sort", args, {"reverse", "case_sensitive", "attribute"}));
  MR_TRY(const bool reverse, a.flag(0, false));
  MR_TRY(const bool case_sensitive, a.flag(1, false));
  MR_TRY(const std::vector<Value> items, iterate(subject, run.meter()));
  MR_TRY(const std::vector<Value> keys, sort_keys(items, a.value(2), case_sensitive, run));
  MR_TRY(std::vector<Value> out, sorted(items, keys, reverse, run.meter()));
  return Value::list(std::move(out));
}

Out unique(Run& run, const Value& subject, const Args& args) {
  MR_TRY(const Bound a, Bound::match("unique", args, {"case_sensitive", "attribute"}));
  MR_TRY(const bool case_sensitive, a.flag(0, false));
  MR_TRY(const std::vector<Value> items, iterate(subject, run.meter()));
  Dict seen;
  std::vector<Value> out;
  for (const Value& item : items) {
    MR_TRY(const Value key, sort_key(item, a.value(1), case_sensitive, run));
    const std::size_t before = seen.size();
    MR_CHECK(seen.set_key(key, {}));
    if (seen.size() != before) out.push_back(item);
  }
  return Value::list(std::move(out));
}

template <bool Largest>
Out extreme(Run& run, const Value& subject, const Args& args) {
  MR_TRY(const Bound a, Bound::match(Largest ? "max" : "min", args, {"case_sensitive", "attribute"}));
  MR_TRY(const bool case_sensitive, a.flag(0, false));
  MR_TRY(const std::vector<Value> items, iterate(subject, run.meter()));
  if (items.empty()) return run.missing("the result of min or max of nothing");
  MR_TRY(const std::vector<Value> keys, sort_keys(items, a.value(1), case_sensitive, run));
  std::size_t best = 0;
  for (std::size_t i = 1; i < items.size(); ++i) {
    MR_TRY(const Order o, order(keys[i], keys[best], run.meter()));
    if (o == (Largest ? Order::greater : Order::less)) best = i;
  }
  return items[best];
}

Out sum(Run& run, const Value& subject, const Args& args) {
  MR_TRY(const Bound a, Bound::match("sum", args, {"attribute", "start"}));
  MR_TRY(const std::vector<Value> items, iterate(subject, run.meter()));
  Value total = a.value(1, Value(0));
  for (const Value& item : items) {
    MR_TRY(const Value part, value_at(item, a.value(0), run));
    MR_TRY(total, binary(BinaryOp::add, total, part, run));
  }
  return total;
}

Out list(Run& run, const Value& subject, const Args& args) {
  MR_TRY([[maybe_unused]] const Bound none, Bound::match("list", args, {}));
  MR_TRY(std::vector<Value> items, iterate(subject, run.meter()));
  return Value::list(std::move(items));
}

Out length(Run& /*run*/, const Value& subject, const Args& args) {
  MR_TRY([[maybe_unused]] const Bound none, Bound::match("length", args, {}));
  MR_TRY(const std::int64_t n, length(subject));
  return Value(n);
}

template <bool Last>
Out edge(Run& run, const Value& subject, const Args& args) {
  MR_TRY([[maybe_unused]] const Bound none, Bound::match(Last ? "last" : "first", args, {}));
  MR_TRY(const std::vector<Value> items, iterate(subject, run.meter()));
  if (items.empty()) return run.missing(Last ? "the last item of nothing" : "the first item of nothing");
  return Last ? items.back() : items.front();
}

Out reverse(Run& run, const Value& subject, const Args& args) {
  MR_TRY([[maybe_unused]] const Bound none, Bound::match("reverse", args, {}));
  MR_TRY(std::vector<Value> items, iterate(subject, run.meter()));
  std::reverse(items.begin(), items.end());
  if (!subject.is(Kind::text)) return Value::list(std::move(items));
  std::string text;
  for (const Value& c : items) text += c.text();
  return Value(std::move(text));
}

Out random(Run& run, const Value& subject, const Args& args) {
  MR_TRY([[maybe_unused]] const Bound none, Bound::match("random", args, {}));
  if (!run.options().random)
    return Error{ErrorKind::unsupported, "found the filter 'random', which has no source of randomness here", {}, {}};
  MR_TRY(const std::vector<Value> items, iterate(subject, run.meter()));
  if (items.empty()) return run.missing("a random item of nothing");
  return items[run.options().random() % items.size()];
}

Out batch(Run& run, const Value& subject, const Args& args) {
  MR_TRY(const Bound a, Bound::match("batch", args, {"linecount", "fill_with"}, 1));
  MR_TRY(const std::int64_t size, a.integer(0, 1));
  if (size < 1) return Error{ErrorKind::invalid_input, "batch: expected a size of at least 1", {}, {}};
  MR_TRY(const std::vector<Value> items, iterate(subject, run.meter()));
  std::vector<Value> out, row;
  for (const Value& item : items) {
    row.push_back(item);
    if (static_cast<std::int64_t>(row.size()) == size) out.push_back(Value::list(std::exchange(row, {})));
  }
  if (row.empty()) return Value::list(std::move(out));
  if (!a.value(1).is(Kind::none)) {
    const std::int64_t lack = size - static_cast<std::int64_t>(row.size());
    MR_CHECK(run.meter().spend(static_cast<std::uint64_t>(lack)));
    row.insert(row.end(), static_cast<std::size_t>(lack), a.value(1));
  }
  out.push_back(Value::list(std::move(row)));
  return Value::list(std::move(out));
}

Out dictsort(Run& run, const Value& subject, const Args& args) {
  MR_TRY(const Bound a, Bound::match("dictsort", args, {"case_sensitive", "by", "reverse"}));
  MR_TRY(const bool case_sensitive, a.flag(0, false));
  MR_TRY(const std::string by, a.text(1, "key"));
  MR_TRY(const bool reverse, a.flag(2, false));
  MR_CHECK(need_defined(subject));
  if (!subject.is(Kind::dict) || (by != "key" && by != "value"))
    return Error{ErrorKind::invalid_input, "dictsort: expected a dict, and 'key' or 'value' to sort by", {}, {}};
  std::vector<Value> items, keys;
  MR_CHECK(run.meter().spend(subject.dict_entries().size()));
  for (const Dict::Entry& e : subject.dict_entries().entries()) {
    items.push_back(Value::tuple({e.key, e.value}));
    keys.push_back(folded(by == "key" ? e.key : e.value, case_sensitive));
  }
  MR_TRY(std::vector<Value> out, sorted(items, keys, reverse, run.meter()));
  return Value::list(std::move(out));
}

Out items(Run& run, const Value& subject, const Args& args) {
  MR_TRY([[maybe_unused]] const Bound none, Bound::match("items", args, {}));
  MR_CHECK(need_defined(subject));
  if (subject.is(Kind::undefined)) return Value::list();
  if (!subject.is(Kind::dict))
    return Error{
        ErrorKind::invalid_input, fmt::format("items: found {}, expected a dict", subject.type_name()), {}, {}};
  MR_CHECK(run.meter().spend(subject.dict_entries().size()));
  std::vector<Value> out;
  for (const Dict::Entry& e : subject.dict_entries().entries()) out.push_back(Value::tuple({e.key, e.value}));
  return Value::list(std::move(out));
}

}  // namespace

std::span<const NamedFilter> sequence_filters() {
  static constexpr NamedFilter kFilters[] = {
      {"batch", batch},        {"count", length},  {"dictsort", dictsort},
      {"first", edge<false>},  {"items", items},   {"last", edge<true>},
      {"length", length},      {"list", list},     {"max", extreme<true>},
      {"min", extreme<false>}, {"random", random}, {"reverse", reverse},
      {"sort", sort},          {"sum", sum},       {"unique", unique},
  };
  return kFilters;
}

}  // namespace millrace::jinja
