#include "ingest/ledger_index.h"

#include <algorithm>
#include <functional>
#include <string>

namespace millrace::ingest {
namespace {

constexpr std::size_t kMostFresh = 4'096;  // looked through one by one

std::uint64_t hash_of(std::string_view source, std::string_view text) {
  const std::uint64_t a = std::hash<std::string_view>{}(source), b = std::hash<std::string_view>{}(text);
  return a * 0x9e3779b97f4a7c15ULL ^ b;
}

}  // namespace

void HashedIds::settle() {
  if (fresh_.size() < kMostFresh) return;
  std::sort(fresh_.begin(), fresh_.end());
  const auto middle = static_cast<std::ptrdiff_t>(sorted_.size());
  sorted_.insert(sorted_.end(), fresh_.begin(), fresh_.end());
  std::inplace_merge(sorted_.begin(), sorted_.begin() + middle, sorted_.end());
  sorted_.erase(std::unique(sorted_.begin(), sorted_.end()), sorted_.end());
  fresh_.clear();
}

std::vector<std::int64_t> HashedIds::find(std::uint64_t hash) const {
  std::vector<std::int64_t> out;
  auto it = std::lower_bound(sorted_.begin(), sorted_.end(), std::pair<std::uint64_t, std::int64_t>{hash, INT64_MIN});
  for (; it != sorted_.end() && it->first == hash; ++it) out.push_back(it->second);
  for (const auto& [h, id] : fresh_)
    if (h == hash) out.push_back(id);
  std::sort(out.rbegin(), out.rend());
  return out;
}

bool HashedIds::holds(std::uint64_t hash) const {
  const auto it =
      std::lower_bound(sorted_.begin(), sorted_.end(), std::pair<std::uint64_t, std::int64_t>{hash, INT64_MIN});
  if (it != sorted_.end() && it->first == hash) return true;
  return std::any_of(fresh_.begin(), fresh_.end(), [&](const auto& entry) { return entry.first == hash; });
}

void HashedIds::drop(std::uint64_t hash, std::int64_t id) {
  const std::pair<std::uint64_t, std::int64_t> gone{hash, id};
  const auto it = std::lower_bound(sorted_.begin(), sorted_.end(), gone);
  if (it != sorted_.end() && *it == gone) sorted_.erase(it);
  std::erase(fresh_, gone);
}

void HashedIds::clear() {
  sorted_.clear();
  fresh_.clear();
}

void LedgerIndex::add(std::string_view source, std::string_view key, std::string_view sha256, std::uint64_t size_bytes,
                      std::int64_t id) {
  keys_.add(hash_of(source, key), id);
  digests_.add(hash_of(source, sha256), id);
  sizes_.add(hash_of(source, std::to_string(size_bytes)), 0);  // no id: equal sizes are one entry
  last_ = std::max(last_, id);
}

void LedgerIndex::settle() {
  keys_.settle();
  digests_.settle();
  sizes_.settle();
}

void LedgerIndex::clear() {
  keys_.clear();
  digests_.clear();
  sizes_.clear();
  last_ = 0;
}

std::vector<std::int64_t> LedgerIndex::with_key(std::string_view source, std::string_view key) const {
  return keys_.find(hash_of(source, key));
}

std::vector<std::int64_t> LedgerIndex::with_digest(std::string_view source, std::string_view sha256) const {
  return digests_.find(hash_of(source, sha256));
}

bool LedgerIndex::knows_size(std::string_view source, std::uint64_t size_bytes) const {
  return sizes_.holds(hash_of(source, std::to_string(size_bytes)));
}

void LedgerIndex::drop(std::string_view source, std::string_view key, std::string_view sha256, std::int64_t id) {
  keys_.drop(hash_of(source, key), id);
  digests_.drop(hash_of(source, sha256), id);
}

}  // namespace millrace::ingest
