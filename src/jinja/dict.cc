#include "jinja/dict.h"

#include <fmt/format.h>

#include <cmath>

#include "jinja/compare.h"

namespace millrace::jinja {
namespace {

constexpr std::size_t kSmall = 8;  // up to here a scan beats a hash table
constexpr int kKeyParts = 10'000;  // a tuple that holds itself twice, and so on, unfolds without end
constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);

std::size_t mixed(std::size_t seed, std::size_t more) {
  return seed ^ (more + 0x9e3779b97f4a7c15ULL + (seed << 6U) + (seed >> 2U));
}

std::size_t hash_of_number(const Value& v) {
  if (v.is_integral()) return std::hash<std::int64_t>{}(v.integer());
  const double d = v.real();
  constexpr double kTwo63 = 9223372036854775808.0;
  // Equal numbers must meet in one bucket: 1.0 hashes as 1.
  if (d == std::trunc(d) && d >= -kTwo63 && d < kTwo63) return std::hash<std::int64_t>{}(static_cast<std::int64_t>(d));
  return std::hash<double>{}(d);
}

Result<std::size_t> hash_within(const Value& v, int& parts_left, int depth) {
  if (--parts_left < 0 || depth > 100)
    return Error{ErrorKind::invalid_input, "found a tuple too large to be a key", {}, {}};
  switch (v.kind()) {
    case Kind::none:
    case Kind::undefined: return std::size_t{0x51ed270b};
    case Kind::boolean:
    case Kind::integer:
    case Kind::real: return hash_of_number(v);
    case Kind::text: return std::hash<std::string_view>{}(v.text());
    case Kind::tuple: {
      std::size_t seed = 0x345678;
      for (const Value& item : v.items()) {
        MR_TRY(const std::size_t h, hash_within(item, parts_left, depth + 1));
        seed = mixed(seed, h);
      }
      return seed;
    }
    case Kind::function:
    case Kind::object: return std::hash<const void*>{}(v.identity());
    default:
      return Error{ErrorKind::invalid_input,
                   fmt::format("found a {} as a key, expected a value that cannot change", v.type_name()),
                   {},
                   {}};
  }
}

// Only for values that hash_within accepted: its bounds hold here too.
bool same_key(const Value& a, const Value& b) {
  if (a.is_number() && b.is_number()) return compare_numbers(a, b) == Order::equal;
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case Kind::none:
    case Kind::undefined: return true;
    case Kind::text: return a.text() == b.text();
    case Kind::tuple: {
      if (a.identity() == b.identity()) return true;
      if (a.items().size() != b.items().size()) return false;
      for (std::size_t i = 0; i < a.items().size(); ++i)
        if (!same_key(a.items()[i], b.items()[i])) return false;
      return true;
    }
    default: return a.identity() == b.identity();
  }
}

}  // namespace

Result<std::size_t> hash_of(const Value& key) {
  int parts_left = kKeyParts;
  return hash_within(key, parts_left, 0);
}

std::size_t Dict::position(const Value& key, std::size_t hash) const {
  if (index_.empty()) {
    for (std::size_t i = 0; i < entries_.size(); ++i)
      if (hashes_[i] == hash && same_key(entries_[i].key, key)) return i;
    return kNowhere;
  }
  const auto [from, to] = index_.equal_range(hash);
  for (auto it = from; it != to; ++it)
    if (same_key(entries_[it->second].key, key)) return it->second;
  return kNowhere;
}

const Value* Dict::find(std::string_view key) const {
  const std::size_t hash = std::hash<std::string_view>{}(key);
  const auto matches = [&](std::size_t i) { return entries_[i].key.is(Kind::text) && entries_[i].key.text() == key; };
  if (index_.empty()) {
    for (std::size_t i = 0; i < entries_.size(); ++i)
      if (hashes_[i] == hash && matches(i)) return &entries_[i].value;
    return nullptr;
  }
  const auto [from, to] = index_.equal_range(hash);
  for (auto it = from; it != to; ++it)
    if (matches(it->second)) return &entries_[it->second].value;
  return nullptr;
}

Result<const Value*> Dict::find_key(const Value& key) const {
  MR_TRY(const std::size_t hash, hash_of(key));
  const std::size_t at = position(key, hash);
  return at == kNowhere ? nullptr : &entries_[at].value;
}

void Dict::put(const Value& key, std::size_t hash, Value value) {
  if (const std::size_t at = position(key, hash); at != kNowhere) {
    entries_[at].value = std::move(value);
    return;
  }
  entries_.push_back({key, std::move(value)});
  hashes_.push_back(hash);
  if (!index_.empty()) {
    index_.emplace(hash, entries_.size() - 1);
  } else if (entries_.size() > kSmall) {
    reindex();
  }
}

void Dict::set(std::string_view key, Value value) {
  put(Value(key), std::hash<std::string_view>{}(key), std::move(value));
}

Status Dict::set_key(const Value& key, Value value) {
  MR_TRY(const std::size_t hash, hash_of(key));
  put(key, hash, std::move(value));
  return ok();
}

Result<std::optional<Value>> Dict::take_key(const Value& key) {
  MR_TRY(const std::size_t hash, hash_of(key));
  const std::size_t at = position(key, hash);
  if (at == kNowhere) return std::optional<Value>{};
  std::optional<Value> taken = std::move(entries_[at].value);
  entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(at));
  hashes_.erase(hashes_.begin() + static_cast<std::ptrdiff_t>(at));
  reindex();
  return taken;
}

void Dict::clear() {
  entries_.clear();
  hashes_.clear();
  index_.clear();
}

void Dict::reindex() {
  index_.clear();
  if (entries_.size() <= kSmall) return;
  for (std::size_t i = 0; i < hashes_.size(); ++i) index_.emplace(hashes_[i], i);
}

}  // namespace millrace::jinja
