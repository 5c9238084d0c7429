#include "jinja/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "jinja/characters.h"

namespace millrace::jinja {
namespace {

template <class T>
Order order_of(const T& a, const T& b) {
  if (a < b) return Order::less;
  return b < a ? Order::greater : Order::equal;
}

Order compare_exactly(std::int64_t a, double b) {
  constexpr double kTwo63 = 9223372036854775808.0;
  if (std::isnan(b)) return Order::unordered;
  if (b >= kTwo63) return Order::less;
  if (b < -kTwo63) return Order::greater;
  const double whole = std::trunc(b);
  const Order first = order_of(a, static_cast<std::int64_t>(whole));
  return first == Order::equal ? order_of(whole, b) : first;
}

Order reversed(Order o) {
  if (o == Order::less) return Order::greater;
  return o == Order::greater ? Order::less : o;
}

bool is_row(const Value& v) { return v.is(Kind::list) || v.is(Kind::tuple); }

Result<bool> equal_rows(const Value& a, const Value& b, Meter& meter) {
  // The list may change under us only through a host object's equals(); sizes are read again each time.
  if (a.items().size() != b.items().size()) return false;
  for (std::size_t i = 0; i < a.items().size() && i < b.items().size(); ++i) {
    MR_TRY(const bool same, equal(a.items()[i], b.items()[i], meter));
    if (!same) return false;
  }
  return true;
}

Result<bool> equal_dicts(const Dict& a, const Dict& b, Meter& meter) {
  if (a.size() != b.size()) return false;
  for (const Dict::Entry& e : a.entries()) {
    MR_TRY(const Value* other, b.find_key(e.key));
    if (other == nullptr) return false;
    MR_TRY(const bool same, equal(e.value, *other, meter));
    if (!same) return false;
  }
  return true;
}

Error no_order(const Value& a, const Value& b) {
  return {ErrorKind::invalid_input,
          fmt::format("found {} and {}, expected two values that have an order", a.type_name(), b.type_name()),
          {},
          {}};
}

}  // namespace

Order compare_numbers(const Value& a, const Value& b) {
  if (a.is_integral() && b.is_integral()) return order_of(a.integer(), b.integer());
  if (a.is_integral()) return compare_exactly(a.integer(), b.real());
  if (b.is_integral()) return reversed(compare_exactly(b.integer(), a.real()));
  if (std::isnan(a.real()) || std::isnan(b.real())) return Order::unordered;
  return order_of(a.real(), b.real());
}

Status need_defined(const Value& v) {
  if (!v.is(Kind::undefined) || v.absence().mode != Missing::strict) return ok();
  return Error{ErrorKind::invalid_input, v.absence().message(), {}, {}};
}

Result<bool> truth(const Value& v) {
  switch (v.kind()) {
    case Kind::none: return false;
    case Kind::undefined: MR_CHECK(need_defined(v)); return false;
    case Kind::boolean: return v.boolean();
    case Kind::integer: return v.integer() != 0;
    case Kind::real: return v.real() != 0;
    case Kind::text: return !v.text().empty();
    case Kind::list:
    case Kind::tuple: return !v.items().empty();
    case Kind::dict: return v.dict_entries().size() != 0;
    case Kind::object: return v.object()->truthy();
    default: return true;
  }
}

Result<bool> equal(const Value& a, const Value& b, Meter& meter) {
  MR_CHECK(meter.spend());
  MR_CHECK(meter.check_stack());
  MR_CHECK(need_defined(a));
  MR_CHECK(need_defined(b));
  if (a.is_number() && b.is_number()) return compare_numbers(a, b) == Order::equal;
  if (a.kind() != b.kind()) return false;
  if (a.identity() != nullptr && a.identity() == b.identity()) return true;
  switch (a.kind()) {
    case Kind::none:
    case Kind::undefined: return true;
    case Kind::text: return a.text() == b.text();
    case Kind::list:
    case Kind::tuple: return equal_rows(a, b, meter);
    case Kind::dict: return equal_dicts(a.dict_entries(), b.dict_entries(), meter);
    case Kind::object: return a.object()->equals(*b.object());
    default: return false;
  }
}

Result<Order> order(const Value& a, const Value& b, Meter& meter) {
  MR_CHECK(meter.spend());
  MR_CHECK(meter.check_stack());
  MR_CHECK(need_defined(a));
  MR_CHECK(need_defined(b));
  if (a.is_number() && b.is_number()) return compare_numbers(a, b);
  if (a.kind() != b.kind()) return no_order(a, b);
  if (a.is(Kind::text)) return order_of(a.text(), b.text());
  if (!is_row(a)) return no_order(a, b);
  const std::size_t shared = std::min(a.items().size(), b.items().size());
  for (std::size_t i = 0; i < shared; ++i) {
    MR_TRY(const bool same, equal(a.items()[i], b.items()[i], meter));
    if (!same) return order(a.items()[i], b.items()[i], meter);
  }
  return order_of(a.items().size(), b.items().size());
}

Result<bool> contains(const Value& container, const Value& item, Meter& meter) {
  MR_CHECK(need_defined(container));
  if (container.is(Kind::text)) {
    if (!item.is(Kind::text))
      return Error{ErrorKind::invalid_input,
                   fmt::format("found {} in str, expected a str on the left of `in`", item.type_name()),
                   {},
                   {}};
    MR_CHECK(meter.spend(container.text().size() / 16 + 1));
    return container.text().find(item.text()) != std::string::npos;
  }
  if (container.is(Kind::dict)) {
    MR_TRY(const Value* found, container.dict_entries().find_key(item));
    return found != nullptr;
  }
  if (is_row(container)) {
    for (std::size_t i = 0; i < container.items().size(); ++i) {
      MR_TRY(const bool same, equal(container.items()[i], item, meter));
      if (same) return true;
    }
    return false;
  }
  MR_TRY(const std::vector<Value> items, iterate(container, meter));
  for (const Value& v : items) {
    MR_TRY(const bool same, equal(v, item, meter));
    if (same) return true;
  }
  return false;
}

Result<std::vector<Value>> iterate(const Value& v, Meter& meter) {
  MR_CHECK(need_defined(v));
  std::vector<Value> out;
  switch (v.kind()) {
    case Kind::undefined: return out;
    case Kind::list:
    case Kind::tuple: MR_CHECK(meter.spend(v.items().size())); return v.items();
    case Kind::dict:
      MR_CHECK(meter.spend(v.dict_entries().size()));
      for (const Dict::Entry& e : v.dict_entries().entries()) out.push_back(e.key);
      return out;
    case Kind::text:
      MR_CHECK(meter.spend(v.text().size()));
      for (const std::string_view c : characters(v.text())) out.emplace_back(c);
      return out;
    case Kind::object:
      if (auto items = v.object()->items()) {
        MR_CHECK(meter.spend(items->size()));
        return *std::move(items);
      }
      [[fallthrough]];
    default:
      return Error{ErrorKind::invalid_input,
                   fmt::format("found {}, expected a list or another value to loop over", v.type_name()),
                   {},
                   {}};
  }
}

Result<std::int64_t> length(const Value& v) {
  MR_CHECK(need_defined(v));
  switch (v.kind()) {
    case Kind::undefined: return std::int64_t{0};
    case Kind::list:
    case Kind::tuple: return static_cast<std::int64_t>(v.items().size());
    case Kind::dict: return static_cast<std::int64_t>(v.dict_entries().size());
    case Kind::text: return static_cast<std::int64_t>(count_characters(v.text()));
    case Kind::object:
      if (const auto items = v.object()->items()) return static_cast<std::int64_t>(items->size());
      [[fallthrough]];
    default:
      return Error{
          ErrorKind::invalid_input, fmt::format("found {}, expected a value with a length", v.type_name()), {}, {}};
  }
}

Result<bool> reaches(const Value& v, const void* target, Meter& meter) {
  std::vector<Value> open{v};
  std::unordered_set<const void*> seen;
  while (!open.empty()) {
    const Value next = std::move(open.back());
    open.pop_back();
    const void* id = next.identity();
    if (id == nullptr || !seen.insert(id).second) continue;
    if (id == target) return true;
    MR_CHECK(meter.spend());
    const auto look_at = [&](const Value& part) {
      if (part.identity() != nullptr) open.push_back(part);
    };
    if (next.is(Kind::function)) {
      look_at(next.function().self);
    } else if (is_row(next)) {
      MR_CHECK(meter.spend(next.items().size()));
      for (const Value& item : next.items()) look_at(item);
    } else if (next.is(Kind::dict) || next.is(Kind::name_space)) {
      MR_CHECK(meter.spend(next.dict_entries().size()));
      for (const Dict::Entry& e : next.dict_entries().entries()) {
        look_at(e.key);
        look_at(e.value);
      }
    }
  }
  return false;
}

}  // namespace millrace::jinja
