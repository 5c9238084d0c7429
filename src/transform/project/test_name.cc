#include "transform/project/test_name.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/sha256.h"
#include "jinja/print.h"

namespace millrace::transform {
namespace {

using jinja::Dict;
using jinja::Kind;
using jinja::Value;

bool is_word(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

/// Each run of other characters becomes one underscore.
void append_cleaned(std::string& out, std::string_view text) {
  bool in_gap = false;
  for (const char c : text) {
    if (is_word(c))
      out += c;
    else if (!in_gap)
      out += '_';
    in_gap = !is_word(c);
  }
}

std::vector<const Dict::Entry*> by_key(const Value& dict) {
  std::vector<const Dict::Entry*> out;
  for (const Dict::Entry& e : dict.dict_entries().entries())
    if (e.key.is(Kind::text)) out.push_back(&e);
  std::sort(out.begin(), out.end(),
            [](const Dict::Entry* a, const Dict::Entry* b) { return a->key.text() < b->key.text(); });
  return out;
}

/// Python's repr of the value with sorted keys and every leaf as text: what dbt takes the hash of.
Status append_hashable(std::string& out, const Value& v) {
  if (v.is(Kind::dict)) {
    out += '{';
    bool first = true;
    for (const Dict::Entry* e : by_key(v)) {
      if (!std::exchange(first, false)) out += ", ";
      out += jinja::quoted(e->key.text());
      out += ": ";
      MR_CHECK(append_hashable(out, e->value));
    }
    out += '}';
    return ok();
  }
  if (v.is(Kind::list)) {
    out += '[';
    bool first = true;
    for (const Value& item : v.items()) {
      if (!std::exchange(first, false)) out += ", ";
      MR_CHECK(append_hashable(out, item));
    }
    out += ']';
    return ok();
  }
  MR_TRY(const std::string text, jinja::to_text(v));
  out += jinja::quoted(text);
  return ok();
}

Status append_flat(std::string& unique, const Value& value) {
  if (!unique.empty()) unique += "__";
  MR_TRY(const std::string text, jinja::to_text(value));
  append_cleaned(unique, text);
  return ok();
}

}  // namespace

Result<std::string> test_suffix(std::string_view full_name, std::string_view name_space, std::string_view name,
                                const Value& kwargs) {
  std::string hashed(full_name);
  hashed += "{'kwargs': ";
  MR_CHECK(append_hashable(hashed, kwargs));
  hashed += ", 'name': " + jinja::quoted(name) + ", 'namespace': ";
  hashed += jinja::quoted(name_space.empty() ? std::string_view("None") : name_space);
  hashed += '}';
  const std::string md5 = md5_hex(hashed);
  return md5.substr(md5.size() - 10);
}

Result<TestName> name_test(std::string_view type, std::string_view about, std::string_view name_space,
                           std::string_view name, const Value& kwargs) {
  std::string unique;
  for (const Dict::Entry* e : by_key(kwargs)) {
    if (e->key.text() == "model") continue;  // its name stands in front
    if (e->value.is(Kind::dict)) {
      for (const Dict::Entry& part : e->value.dict_entries().entries()) MR_CHECK(append_flat(unique, part.value));
    } else if (e->value.is(Kind::list) || e->value.is(Kind::tuple)) {
      for (const Value& part : e->value.items()) MR_CHECK(append_flat(unique, part));
    } else {
      MR_CHECK(append_flat(unique, e->value));
    }
  }
  const std::string identifier = fmt::format("{}_{}", type, about);
  TestName out;
  out.full = identifier + "_" + unique;
  out.alias = out.full.size() >= 64 ? identifier.substr(0, 30) + "_" + md5_hex(out.full) : out.full;
  MR_TRY(out.suffix, test_suffix(out.full, name_space, name, kwargs));
  return out;
}

}  // namespace millrace::transform
