#include <fmt/format.h>

#include <algorithm>

#include "jinja/characters.h"
#include "jinja/compare.h"
#include "jinja/methods.h"
#include "jinja/operations.h"

namespace millrace::jinja {
namespace {

/// What lies below an undefined value: undefined of the same kind, with the path so far as its name.
Value below(const Absence& absence, std::string_view name) {
  constexpr std::size_t kLongestPath = 200;
  Absence deeper = absence;
  if (deeper.name.size() < kLongestPath) deeper.name += fmt::format(".{}", name);
  return Value::undefined(std::move(deeper));
}

Value bound_method(const Method& method, const Value& self) {
  // The value is found through Function::self, where reaches() can see it, and only borrowed by the callback.
  const auto call = [&method](const Value& s) {
    return [&method, s](Run& run, const Args& args) { return method.call(run, s, args); };
  };
  return Value::function(Function{std::string(method.name), call(self), self});
}

/// An index counted from either end, or -1 if it lies outside.
std::int64_t wrapped(std::int64_t index, std::int64_t size) {
  if (index < 0) index += size;
  return index < 0 || index >= size ? -1 : index;
}

struct Span {
  std::int64_t from, to, step;
};

Result<std::int64_t> bound(const Value& v, std::int64_t otherwise) {
  if (v.is(Kind::none)) return otherwise;
  if (v.is_integral()) return v.integer();
  return Error{ErrorKind::invalid_input, fmt::format("found {} in a slice, expected an int", v.type_name()), {}, {}};
}

/// Python's rules for slices: bounds count from the end if negative and are moved into the range.
Result<Span> span_of(std::int64_t size, const Value& from, const Value& to, const Value& step) {
  MR_TRY(std::int64_t by, bound(step, 1));
  if (by == 0) return Error{ErrorKind::invalid_input, "found a slice with step 0", {}, {}};
  by = std::clamp(by, -size - 1, size + 1);  // a longer step reaches no further, and must not overflow
  const bool back = by < 0;
  const auto into_range = [&](std::int64_t i) {
    if (i < 0) return std::max(i + size, back ? std::int64_t{-1} : std::int64_t{0});
    return std::min(i, back ? size - 1 : size);
  };
  MR_TRY(const std::int64_t first, bound(from, back ? size - 1 : 0));
  Span out{into_range(first), back ? -1 : size, by};
  if (!to.is(Kind::none)) {
    MR_TRY(const std::int64_t last, bound(to, 0));
    out.to = into_range(last);
  }
  return out;
}

template <class T, class Take>
void each_in(const std::vector<T>& items, const Span& span, Take take) {
  for (std::int64_t i = span.from; span.step > 0 ? i < span.to : i > span.to; i += span.step)
    take(items[static_cast<std::size_t>(i)]);
}

}  // namespace

Result<Value> attribute_of(const Value& object, std::string_view name, Run& run) {
  MR_CHECK(need_defined(object));
  if (object.is(Kind::undefined)) return below(object.absence(), name);
  if (object.is(Kind::object)) {
    if (auto found = object.object()->attribute(name)) return *std::move(found);
  } else if (const Method* method = find_method(object.kind(), name)) {
    return bound_method(*method, object);
  } else if (object.is(Kind::dict) || object.is(Kind::name_space)) {
    if (const Value* found = object.dict_entries().find(name)) return *found;
  } else if (object.is(Kind::function) && name == "name") {
    return Value(object.function().name);
  }
  return run.missing(name, object.type_name());
}

Result<Value> item_of(const Value& object, const Value& key, Run& run) {
  MR_CHECK(need_defined(object));
  MR_CHECK(need_defined(key));
  const auto key_name = [&]() -> std::string {
    if (key.is(Kind::text)) return key.text().substr(0, 100);
    return key.is(Kind::integer) ? fmt::format("{}", key.integer()) : key.type_name();
  };
  if (object.is(Kind::undefined)) return below(object.absence(), key_name());
  if (key.is_integral() && (object.is(Kind::list) || object.is(Kind::tuple))) {
    const std::int64_t i = wrapped(key.integer(), static_cast<std::int64_t>(object.items().size()));
    if (i >= 0) return object.items()[static_cast<std::size_t>(i)];
  } else if (key.is_integral() && object.is(Kind::text)) {
    MR_CHECK(run.meter().spend(object.text().size()));
    const std::vector<std::string_view> all = characters(object.text());
    const std::int64_t i = wrapped(key.integer(), static_cast<std::int64_t>(all.size()));
    if (i >= 0) return Value(all[static_cast<std::size_t>(i)]);
  } else if (object.is(Kind::dict)) {
    const auto found = object.dict_entries().find_key(key);
    if (found && *found != nullptr) return **found;
  } else if (object.is(Kind::object)) {
    if (auto found = object.object()->item(key)) return *std::move(found);
  } else if (object.is(Kind::name_space) && key.is(Kind::text)) {
    return attribute_of(object, key.text(), run);
  }
  return run.missing(key_name(), object.type_name());
}

Result<Value> slice_of(const Value& object, const Value& from, const Value& to, const Value& step, Run& run) {
  MR_CHECK(need_defined(object));
  if (object.is(Kind::undefined)) return object;
  if (object.is(Kind::text)) {
    MR_CHECK(run.meter().spend(object.text().size()));
    const std::vector<std::string_view> all = characters(object.text());
    MR_TRY(const Span span, span_of(static_cast<std::int64_t>(all.size()), from, to, step));
    std::string out;
    each_in(all, span, [&](std::string_view c) { out += c; });
    return Value(std::move(out));
  }
  const bool has_items = object.is(Kind::object) && object.object()->items().has_value();
  if (!object.is(Kind::list) && !object.is(Kind::tuple) && !has_items)
    return Error{ErrorKind::invalid_input,
                 fmt::format("found {}, expected a list or str to take a slice of", object.type_name()),
                 {},
                 {}};
  MR_TRY(const std::vector<Value> items, iterate(object, run.meter()));
  MR_TRY(const Span span, span_of(static_cast<std::int64_t>(items.size()), from, to, step));
  std::vector<Value> out;
  each_in(items, span, [&](const Value& v) { out.push_back(v); });
  return object.is(Kind::tuple) ? Value::tuple(std::move(out)) : Value::list(std::move(out));
}

}  // namespace millrace::jinja
