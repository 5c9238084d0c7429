#include "transform/project/yaml_value.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include "jinja/template.h"

namespace millrace::transform {
namespace {

using jinja::Value;
using yaml::Node;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::optional<bool> boolean_of(std::string_view s) {
  for (const std::string_view yes : {"yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"})
    if (s == yes) return true;
  for (const std::string_view no : {"no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"})
    if (s == no) return false;
  return std::nullopt;
}

std::optional<std::int64_t> digits(std::string_view text, int base, bool negative) {
  std::string plain;
  for (const char c : text)
    if (c != '_') plain += c;
  if (plain.empty()) return std::nullopt;
  if (negative) plain.insert(plain.begin(), '-');
  std::int64_t number = 0;
  const auto [end, ec] = std::from_chars(plain.data(), plain.data() + plain.size(), number, base);
  if (ec != std::errc{} || end != plain.data() + plain.size()) return std::nullopt;
  return number;
}

/// 1:30:00 is 5400 in YAML 1.1.
std::optional<std::int64_t> sexagesimal(std::string_view s, bool negative) {
  if (s.find(':') == std::string_view::npos || s.front() == '0') return std::nullopt;
  std::int64_t total = 0;
  bool first = true;
  while (true) {
    const auto colon = s.find(':');
    const std::string_view part = s.substr(0, colon);
    if (part.empty() || part.size() > (first ? 12U : 2U) || !std::all_of(part.begin(), part.end(), is_digit))
      return std::nullopt;
    const auto n = digits(part, 10, false);
    if (!n || (!first && *n > 59)) return std::nullopt;
    total = total * 60 + *n;
    if (colon == std::string_view::npos) return negative ? -total : total;
    s.remove_prefix(colon + 1);
    first = false;
  }
}

std::optional<std::int64_t> integer_of(std::string_view s) {
  if (s.empty()) return std::nullopt;
  const bool negative = s.front() == '-';
  if (negative || s.front() == '+') s.remove_prefix(1);
  if (s.empty() || !is_digit(s.front())) return std::nullopt;
  if (s == "0") return 0;
  if (s.starts_with("0b")) return digits(s.substr(2), 2, negative);
  if (s.starts_with("0x")) return digits(s.substr(2), 16, negative);
  if (s.front() == '0') return digits(s.substr(1), 8, negative);
  if (const auto n = sexagesimal(s, negative)) return n;
  return digits(s, 10, negative);
}

/// PyYAML's floats need a dot: 1e3 is text, 1.0e+3 a number.
std::optional<double> real_of(std::string_view s) {
  std::string_view body = s;
  const bool negative = body.starts_with('-');
  if (negative || body.starts_with('+')) body.remove_prefix(1);
  for (const std::string_view inf : {".inf", ".Inf", ".INF"})
    if (body == inf)
      return negative ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
  for (const std::string_view nan : {".nan", ".NaN", ".NAN"})
    if (s == nan) return std::numeric_limits<double>::quiet_NaN();
  const auto dot = body.find('.');
  if (dot == std::string_view::npos || (dot == 0 && (body.size() < 2 || !is_digit(body[1])))) return std::nullopt;
  std::string plain(negative ? "-" : "");
  bool exponent = false;
  for (std::size_t i = 0; i < body.size(); ++i) {
    const char c = body[i];
    if (c == '_' && i < dot) continue;
    if (c == 'e' || c == 'E') {
      // The sign is required, as PyYAML has it.
      if (exponent || i < dot || i + 2 >= body.size() || (body[i + 1] != '+' && body[i + 1] != '-'))
        return std::nullopt;
      exponent = true;
      plain += 'e';
      plain += body[++i];
      continue;
    }
    if (!is_digit(c) && i != dot) return std::nullopt;
    plain += c;
  }
  try {
    return std::stod(plain);
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

bool has_braces(std::string_view text) {
  return text.find("{{") != std::string_view::npos || text.find("{%") != std::string_view::npos ||
         text.find("{#") != std::string_view::npos;
}

/// Children of a mapping with `<<` merged in behind its own keys.
template <class Child>
Result<Value> mapping_value(const Node& node, const Child& child) {
  Value out = Value::dict();
  std::vector<const Node*> merged;
  for (const auto& [key, value] : node.members) {
    if (key == "<<") {
      if (value.kind == Node::Kind::sequence)
        for (const Node& item : value.items) merged.push_back(&item);
      else
        merged.push_back(&value);
      continue;
    }
    MR_TRY(Value v, child(key, value));
    out.dict_entries().set(key, std::move(v));
  }
  for (const Node* m : merged) {
    MR_TRY(const Value v, child("<<", *m));
    if (!v.is(jinja::Kind::dict)) continue;
    for (const auto& e : v.dict_entries().entries())
      if (out.dict_entries().find(e.key.text()) == nullptr) out.dict_entries().set(e.key.text(), e.value);
  }
  return out;
}

}  // namespace

Value scalar_value(const Node& node) {
  if (node.kind != Node::Kind::scalar) return {};
  if (node.quoted) return Value(node.scalar);
  const std::string_view s = node.scalar;
  if (const auto b = boolean_of(s)) return Value(*b);
  if (const auto n = integer_of(s)) return Value(*n);
  if (const auto d = real_of(s)) return Value(*d);
  return Value(node.scalar);
}

Value yaml_value(const Node& node) {
  switch (node.kind) {
    case Node::Kind::null: return {};
    case Node::Kind::scalar: return scalar_value(node);
    case Node::Kind::sequence: {
      std::vector<Value> items;
      items.reserve(node.items.size());
      for (const Node& item : node.items) items.push_back(yaml_value(item));
      return Value::list(std::move(items));
    }
    case Node::Kind::mapping:
      return *mapping_value(node, [](std::string_view, const Node& n) -> Result<Value> { return yaml_value(n); });
  }
  return {};
}

Result<Value> rendered_value(const Node& node, const yaml::Place& place, const jinja::Scope& scope) {
  switch (node.kind) {
    case Node::Kind::null: return Value();
    case Node::Kind::scalar: {
      Value plain = scalar_value(node);
      if (!plain.is(jinja::Kind::text) || !has_braces(node.scalar)) return plain;
      jinja::ParseOptions options;
      options.start = {static_cast<std::size_t>(std::max(node.line, 1)),
                       static_cast<std::size_t>(std::max(node.column, 1))};
      MR_TRY(const jinja::Template parsed, jinja::parse(node.scalar, place.file, options));
      return jinja::render_native(parsed, scope);
    }
    case Node::Kind::sequence: {
      std::vector<Value> items;
      for (std::size_t i = 0; i < node.items.size(); ++i) {
        MR_TRY(Value v, rendered_value(node.items[i], place.item(i), scope));
        items.push_back(std::move(v));
      }
      return Value::list(std::move(items));
    }
    case Node::Kind::mapping:
      return mapping_value(
          node, [&](std::string_view key, const Node& n) { return rendered_value(n, place.member(key), scope); });
  }
  return Value();
}

}  // namespace millrace::transform
