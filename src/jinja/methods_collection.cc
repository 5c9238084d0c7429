#include <fmt/format.h>

#include <algorithm>

#include "jinja/arguments.h"
#include "jinja/compare.h"
#include "jinja/methods.h"
#include "jinja/sorting.h"

namespace millrace::jinja {
namespace {

using Out = Result<Value>;

/// A container that held itself would never be freed and could not be printed.
Status check_no_circle(const Value& container, const Value& item, Meter& meter) {
  if (item.identity() == nullptr) return ok();
  MR_TRY(const bool circle, reaches(item, container.identity(), meter));
  if (!circle) return ok();
  return Error{ErrorKind::invalid_input,
               fmt::format("found a {} that would come to hold itself", container.type_name()),
               {},
               {}};
}

Out append(Run& run, const Value& self, const Args& args) {
  MR_TRY(const Bound a, Bound::match("append", args, {"item"}, 1));
  MR_CHECK(check_no_circle(self, a.value(0), run.meter()));
  self.list_items().push_back(a.value(0));
  return Value();
}

Out extend(Run& run, const Value& self, const Args& args) {
  MR_TRY(const Bound a, Bound::match("extend", args, {"items"}, 1));
  MR_TRY(const std::vector<Value> more, iterate(a.value(0), run.meter()));
  for (const Value& v : more) MR_CHECK(check_no_circle(self, v, run.meter()));
  std::vector<Value>& items = self.list_items();
  items.insert(items.end(), more.begin(), more.end());
  return Value();
}

Out insert(Run& run, const Value& self, const Args& args) {
  MR_TRY(const Bound a, Bound::match("insert", args, {"index", "item"}, 2));
  MR_TRY(std::int64_t at, a.integer(0, 0));
  MR_CHECK(check_no_circle(self, a.value(1), run.meter()));
  std::vector<Value>& items = self.list_items();
  const auto size = static_cast<std::int64_t>(items.size());
  MR_CHECK(run.meter().spend(items.size() / 16 + 1));
  if (at < 0) at = std::max(at + size, std::int64_t{0});
  items.insert(items.begin() + std::min(at, size), a.value(1));
  return Value();
}

Out list_pop(Run& run, const Value& self, const Args& args) {
  MR_TRY(const Bound a, Bound::match("pop", args, {"index"}));
  MR_TRY(std::int64_t at, a.integer(0, -1));
  std::vector<Value>& items = self.list_items();
  const auto size = static_cast<std::int64_t>(items.size());
  if (at < 0) at += size;
  if (at < 0 || at >= size)
    return Error{ErrorKind::invalid_input, fmt::format("pop: found a list of {} items", size), {}, {}};
  MR_CHECK(run.meter().spend(items.size() / 16 + 1));
  Value taken = items[static_cast<std::size_t>(at)];
  items.erase(items.begin() + at);
  return taken;
}

/// Position of the first equal item, or the number of items.
Result<std::size_t> position(const Value& self, const Value& wanted, Meter& meter) {
  for (std::size_t i = 0; i < self.items().size(); ++i) {
    MR_TRY(const bool same, equal(self.items()[i], wanted, meter));
    if (same) return i;
  }
  return self.items().size();
}

Error not_in_list(std::string_view method) {
  return {ErrorKind::invalid_input, fmt::format("{}: the value is not in the list", method), {}, {}};
}

Out remove(Run& run, const Value& self, const Args& args) {
  MR_TRY(const Bound a, Bound::match("remove", args, {"item"}, 1));
  MR_TRY(const std::size_t at, position(self, a.value(0), run.meter()));
  if (at == self.items().size()) return not_in_list("remove");
  self.list_items().erase(self.list_items().begin() + static_cast<std::ptrdiff_t>(at));
  return Value();
}

Out index(Run& run, const Value& self, const Args& args) {
  MR_TRY(const Bound a, Bound::match("index", args, {"item"}, 1));
  MR_TRY(const std::size_t at, position(self, a.value(0), run.meter()));
  if (at == self.items().size()) return not_in_list("index");
  return Value(at);
}

Out count(Run& run, const Value& self, const Args& args) {
  MR_TRY(const Bound a, Bound::match("count", args, {"item"}, 1));
  std::int64_t n = 0;
  for (std::size_t i = 0; i < self.items().size(); ++i) {
    MR_TRY(const bool same, equal(self.items()[i], a.value(0), run.meter()));
    n += same ? 1 : 0;
  }
  return Value(n);
}

Out list_sort(Run& run, const Value& self, const Args& args) {
  MR_TRY(const Bound a, Bound::match("sort", args, {"reverse"}));
  MR_TRY(const bool reverse, a.flag(0, false));
  MR_TRY(self.list_items(), sorted(self.items(), self.items(), reverse, run.meter()));
  return Value();
}

Out list_reverse(Run& run, const Value& self, const Args& /*args*/) {
  MR_CHECK(run.meter().spend(self.items().size()));
  std::reverse(self.list_items().begin(), self.list_items().end());
  return Value();
}

Out list_clear(Run& /*run*/, const Value& self, const Args& /*args*/) {
  self.list_items().clear();
  return Value();
}

Out list_copy(Run& run, const Value& self, const Args& /*args*/) {
  MR_CHECK(run.meter().spend(self.items().size()));
  return Value::list(self.items());
}

Out get(Run& /*run*/, const Value& self, const Args& args) {
  MR_TRY(const Bound a, Bound::match("get", args, {"key", "default"}, 1));
  MR_TRY(const Value* found, self.dict_entries().find_key(a.value(0)));
  return found != nullptr ? *found : a.value(1);
}

enum class Part { keys, values, items };

template <Part P>
Out parts(Run& run, const Value& self, const Args& args) {
  MR_TRY([[maybe_unused]] const Bound none, Bound::match("keys, values and items", args, {}));
  MR_CHECK(run.meter().spend(self.dict_entries().size() * 2));
  std::vector<Value> out;
  for (const Dict::Entry& e : self.dict_entries().entries()) {
    if constexpr (P == Part::keys) out.push_back(e.key);
    if constexpr (P == Part::values) out.push_back(e.value);
    if constexpr (P == Part::items) out.push_back(Value::tuple({e.key, e.value}));
  }
  return Value::list(std::move(out));
}

Status put(const Value& self, const Value& key, const Value& value, Meter& meter) {
  MR_CHECK(meter.spend());
  MR_CHECK(check_no_circle(self, key, meter));
  MR_CHECK(check_no_circle(self, value, meter));
  return self.dict_entries().set_key(key, value);
}

Out update(Run& run, const Value& self, const Args& args) {
  if (args.positional.size() > 1)
    return Error{ErrorKind::invalid_input, "update: found several dicts, expected one", {}, {}};
  if (!args.positional.empty() && args.positional[0].is(Kind::dict)) {
    // A copy: the argument may be this same dict.
    const std::vector<Dict::Entry> entries = args.positional[0].dict_entries().entries();
    for (const Dict::Entry& e : entries) MR_CHECK(put(self, e.key, e.value, run.meter()));
  } else if (!args.positional.empty()) {
    MR_TRY(const std::vector<Value> pairs, iterate(args.positional[0], run.meter()));
    for (const Value& pair : pairs) {
      MR_TRY(const std::vector<Value> entry, iterate(pair, run.meter()));
      if (entry.size() != 2)
        return Error{ErrorKind::invalid_input, "update: expected a dict or a list of pairs", {}, {}};
      MR_CHECK(put(self, entry[0], entry[1], run.meter()));
    }
  }
  for (const auto& [name, value] : args.named) MR_CHECK(put(self, Value(name), value, run.meter()));
  return Value();
}

Out setdefault(Run& run, const Value& self, const Args& args) {
  MR_TRY(const Bound a, Bound::match("setdefault", args, {"key", "default"}, 1));
  MR_TRY(const Value* found, self.dict_entries().find_key(a.value(0)));
  if (found != nullptr) return *found;
  MR_CHECK(put(self, a.value(0), a.value(1), run.meter()));
  return a.value(1);
}

Out dict_pop(Run& run, const Value& self, const Args& args) {
  MR_TRY(const Bound a, Bound::match("pop", args, {"key", "default"}, 1));
  MR_CHECK(run.meter().spend(self.dict_entries().size()));
  MR_TRY(const std::optional<Value> taken, self.dict_entries().take_key(a.value(0)));
  if (taken) return *taken;
  if (a.has(1)) return a.value(1);
  return Error{ErrorKind::invalid_input, "pop: the key is not in the dict", "pass a default as well", {}};
}

Out dict_copy(Run& run, const Value& self, const Args& /*args*/) {
  MR_CHECK(run.meter().spend(self.dict_entries().size()));
  return Value::dict(Dict(self.dict_entries()));
}

Out dict_clear(Run& /*run*/, const Value& self, const Args& /*args*/) {
  self.dict_entries().clear();
  return Value();
}

}  // namespace

std::span<const Method> list_methods() {
  static constexpr Method kMethods[] = {
      {"append", append}, {"clear", list_clear},     {"copy", list_copy}, {"count", count},
      {"extend", extend}, {"index", index},          {"insert", insert},  {"pop", list_pop},
      {"remove", remove}, {"reverse", list_reverse}, {"sort", list_sort},
  };
  return kMethods;
}

std::span<const Method> tuple_methods() {
  static constexpr Method kMethods[] = {{"count", count}, {"index", index}};
  return kMethods;
}

std::span<const Method> dict_methods() {
  static constexpr Method kMethods[] = {
      {"clear", dict_clear},         {"copy", dict_copy},         {"get", get},
      {"items", parts<Part::items>}, {"keys", parts<Part::keys>}, {"pop", dict_pop},
      {"setdefault", setdefault},    {"update", update},          {"values", parts<Part::values>},
  };
  return kMethods;
}

std::span<const Method> methods_of(Kind kind) {
  switch (kind) {
    case Kind::text: return text_methods();
    case Kind::list: return list_methods();
    case Kind::tuple: return tuple_methods();
    case Kind::dict: return dict_methods();
    default: return {};
  }
}

const Method* find_method(Kind kind, std::string_view name) {
  const std::span<const Method> methods = methods_of(kind);
  const auto at = std::find_if(methods.begin(), methods.end(), [&](const Method& m) { return m.name == name; });
  return at == methods.end() ? nullptr : &*at;
}

}  // namespace millrace::jinja
