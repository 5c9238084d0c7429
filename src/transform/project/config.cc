#include "transform/project/config.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/words.h"
#include "jinja/print.h"

namespace millrace::transform {
namespace {

using jinja::Dict;
using jinja::Kind;
using jinja::Value;

std::string_view canonical(std::string_view key) {
  if (key.starts_with('+')) key.remove_prefix(1);
  key = trimmed(key);
  if (key == "pre_hook") return "pre-hook";
  if (key == "post_hook") return "post-hook";
  return key;
}

enum class Rule : std::uint8_t { replace, append, append_once, merge };

Rule rule_of(std::string_view key) {
  if (key == "tags") return Rule::append_once;
  if (key == "pre-hook" || key == "post-hook" || key == "packages") return Rule::append;
  if (key == "meta" || key == "docs" || key == "column_types" || key == "grants" || key == "persist_docs")
    return Rule::merge;
  return Rule::replace;
}

/// A list, or one thing, as a list of its own.
std::vector<Value> as_list(const Value& value) {
  if (value.is(Kind::list) || value.is(Kind::tuple)) return value.items();
  if (value.is(Kind::none)) return {};
  return {value};
}

bool is_same_text(const Value& a, const Value& b) {
  return a.is(Kind::text) && b.is(Kind::text) && a.text() == b.text();
}

Value appended(const Value* before, const Value& more, bool once) {
  std::vector<Value> out = before == nullptr ? std::vector<Value>() : as_list(*before);
  for (const Value& v : as_list(more))
    if (!once || std::none_of(out.begin(), out.end(), [&](const Value& o) { return is_same_text(o, v); }))
      out.push_back(v);
  return Value::list(std::move(out));
}

Value merged(const Value* before, const Value& more) {
  if (before == nullptr || !before->is(Kind::dict) || !more.is(Kind::dict)) return more;
  Dict out(before->dict_entries());
  for (const Dict::Entry& e : more.dict_entries().entries()) {
    if (!e.key.is(Kind::text)) continue;
    const std::string& key = e.key.text();
    if (key.starts_with('+')) {  // grants: "+select" adds to what is there
      const std::string plain = key.substr(1);
      out.set(plain, appended(out.find(plain), e.value, true));
    } else {
      out.set(key, e.value);
    }
  }
  return Value::dict(std::move(out));
}

}  // namespace

const Value* Config::find(std::string_view key) const {
  const auto it = std::lower_bound(entries_.begin(), entries_.end(), key,
                                   [](const Entry& e, std::string_view k) { return e.first < k; });
  return it == entries_.end() || it->first != key ? nullptr : &it->second;
}

void Config::set(std::string_view key, Value value) {
  key = canonical(key);
  const auto it = std::lower_bound(entries_.begin(), entries_.end(), key,
                                   [](const Entry& e, std::string_view k) { return e.first < k; });
  if (it != entries_.end() && it->first == key)
    it->second = std::move(value);
  else
    entries_.emplace(it, std::string(key), std::move(value));
}

void Config::add(std::string_view key, const Value& value) {
  key = canonical(key);
  switch (rule_of(key)) {
    case Rule::replace: return set(key, value);
    case Rule::append: return set(key, appended(find(key), value, false));
    case Rule::append_once: return set(key, appended(find(key), value, true));
    case Rule::merge: return set(key, merged(find(key), value));
  }
}

void Config::merge(const Config& later) {
  if (entries_.empty()) {
    entries_ = later.entries_;
    return;
  }
  for (const auto& [key, value] : later.entries_) add(key, value);
}

std::optional<std::string> Config::optional_text(std::string_view key) const {
  const Value* v = find(key);
  if (v == nullptr || v->is(Kind::none) || v->is(Kind::undefined)) return std::nullopt;
  if (v->is(Kind::text)) return v->text();
  auto text = jinja::to_text(*v);
  return text ? std::optional<std::string>(*std::move(text)) : std::nullopt;
}

std::string Config::text(std::string_view key, std::string_view otherwise) const {
  return optional_text(key).value_or(std::string(otherwise));
}

bool Config::flag(std::string_view key, bool otherwise) const {
  const Value* v = find(key);
  if (v == nullptr || v->is(Kind::none)) return otherwise;
  if (v->is(Kind::boolean)) return v->boolean();
  if (v->is(Kind::integer)) return v->integer() != 0;
  if (v->is(Kind::text)) {
    const std::string word = to_lower_ascii(trimmed(v->text()));
    return word == "true" || word == "yes" || word == "on" || word == "1";
  }
  return otherwise;
}

std::vector<std::string> Config::texts(std::string_view key) const {
  std::vector<std::string> out;
  const Value* v = find(key);
  if (v == nullptr) return out;
  for (const Value& item : as_list(*v))
    if (auto text = jinja::to_text(item)) out.push_back(*std::move(text));
  return out;
}

Status check_config(const Config& config, std::string_view where) {
  const auto wrong = [&](std::string_view key, const Value& v, std::string_view expected) {
    const auto text = jinja::to_text(v);
    return Error{ErrorKind::invalid_input,
                 fmt::format("{}: config {}: found {}, expected {}", where, key,
                             v.is(Kind::text) ? "\"" + v.text() + "\""
                             : text           ? *text
                                              : v.type_name(),
                             expected),
                 {},
                 {}};
  };
  if (const Value* v = config.find("enabled"); v != nullptr && !v->is(Kind::boolean)) {
    const std::string word = v->is(Kind::text) ? to_lower_ascii(trimmed(v->text())) : "";
    static constexpr std::array<std::string_view, 8> kWords{"true", "false", "yes", "no", "on", "off", "1", "0"};
    if (std::find(kWords.begin(), kWords.end(), word) == kWords.end()) return wrong("enabled", *v, "true or false");
  }
  for (const std::string_view key : {"materialized", "alias", "schema", "database", "incremental_strategy"})
    if (const Value* v = config.find(key); v != nullptr && !v->is(Kind::text) && !v->is(Kind::none))
      return wrong(key, *v, "text");
  if (const Value* v = config.find("severity"); v != nullptr && !v->is(Kind::none)) {
    const std::string word = v->is(Kind::text) ? to_lower_ascii(v->text()) : "";
    if (word != "warn" && word != "error") return wrong("severity", *v, "warn or error");
  }
  return ok();
}

}  // namespace millrace::transform
