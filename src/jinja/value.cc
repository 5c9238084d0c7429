#include "jinja/value.h"

#include <fmt/format.h>

#include <algorithm>

namespace millrace::jinja {
namespace {

bool nests(const Value& v) { return v.kind() >= Kind::list; }

// Python nests values without bound; letting destructors recurse along such a chain would overflow
// the stack. The outermost destructor on a thread frees the layers one after the other instead.
void dismantle(std::vector<Value>&& items) {
  thread_local std::vector<std::vector<Value>>* waiting = nullptr;
  if (std::none_of(items.begin(), items.end(), nests)) return;
  if (waiting != nullptr) {
    waiting->push_back(std::move(items));
    return;
  }
  std::vector<std::vector<Value>> layers;
  waiting = &layers;
  layers.push_back(std::move(items));
  while (!layers.empty()) {
    const std::vector<Value> layer = std::move(layers.back());
    layers.pop_back();
  }
  waiting = nullptr;
}

}  // namespace

std::string Absence::message() const {
  if (owner.empty()) return fmt::format("'{}' is undefined", name);
  return fmt::format("'{}' has no attribute '{}'", owner, name);
}

const Value* Args::find(std::string_view name) const {
  for (const auto& [n, v] : named)
    if (n == name) return &v;
  return nullptr;
}

Value Value::undefined(Absence absence) {
  Value v;
  v.v_.emplace<1>(std::make_shared<const Absence>(std::move(absence)));
  return v;
}

Value Value::list(std::vector<Value> items) {
  Value v;
  v.v_.emplace<6>(std::make_shared<List>(std::move(items)));
  return v;
}

Value Value::tuple(std::vector<Value> items) {
  Value v;
  v.v_.emplace<8>(std::make_shared<const List>(std::move(items)));
  return v;
}

Value Value::dict() { return dict(Dict{}); }

Value Value::dict(Dict entries) {
  Value v;
  v.v_.emplace<7>(std::make_shared<Dict>(std::move(entries)));
  return v;
}

Value Value::name_space(Dict entries) {
  Value v;
  v.v_.emplace<9>(Space{std::make_shared<Dict>(std::move(entries))});
  return v;
}

Value Value::function(std::string name, Callback call) {
  return function(Function{std::move(name), std::move(call), {}});
}

Value Value::function(Function function) {
  Value v;
  v.v_.emplace<10>(std::make_shared<const Function>(std::move(function)));
  return v;
}

std::vector<Value>& Value::list_items() const { return std::get<6>(v_)->items; }

const std::vector<Value>& Value::items() const {
  return is(Kind::tuple) ? std::get<8>(v_)->items : std::get<6>(v_)->items;
}

Dict& Value::dict_entries() const { return is(Kind::name_space) ? *std::get<9>(v_).dict : *std::get<7>(v_); }

const void* Value::identity() const {
  switch (kind()) {
    case Kind::list: return std::get<6>(v_).get();
    case Kind::dict: return std::get<7>(v_).get();
    case Kind::tuple: return std::get<8>(v_).get();
    case Kind::name_space: return std::get<9>(v_).dict.get();
    case Kind::function: return std::get<10>(v_).get();
    case Kind::object: return std::get<11>(v_).get();
    default: return nullptr;
  }
}

std::string Value::type_name() const {
  switch (kind()) {
    case Kind::none: return "none";
    case Kind::undefined: return "undefined";
    case Kind::boolean: return "bool";
    case Kind::integer: return "int";
    case Kind::real: return "float";
    case Kind::text: return "str";
    case Kind::list: return "list";
    case Kind::dict: return "dict";
    case Kind::tuple: return "tuple";
    case Kind::name_space: return "namespace";
    case Kind::function: return "function";
    case Kind::object: return object()->type_name();
  }
  return "value";
}

List::~List() { dismantle(std::move(items)); }

Dict::~Dict() {
  std::vector<Value> nested;
  for (Entry& e : entries_) {
    if (nests(e.value)) nested.push_back(std::move(e.value));
    if (nests(e.key)) nested.push_back(std::move(e.key));
  }
  dismantle(std::move(nested));
}

std::optional<Value> Object::attribute(std::string_view /*name*/) const { return std::nullopt; }

std::optional<Value> Object::item(const Value& key) const {
  if (!key.is(Kind::text)) return std::nullopt;
  return attribute(key.text());
}

Result<Value> Object::call(Run& /*run*/, const Args& /*args*/) {
  return Error{ErrorKind::invalid_input, fmt::format("'{}' cannot be called", type_name()), {}, {}};
}

std::string Object::to_text() const { return fmt::format("<{}>", type_name()); }

}  // namespace millrace::jinja
