#include "lake/key_gate.h"

#include <cstring>
#include <functional>
#include <string_view>

namespace millrace::lake {
namespace {

constexpr std::uint64_t kNoKey = 0;

/// Source: the finalizer of MurmurHash3.
std::uint64_t mixed(std::uint64_t h) {
  h = (h ^ h >> 33) * 0xFF51AFD7ED558CCD;
  h = (h ^ h >> 33) * 0xC4CEB9FE1A85EC53;
  return h ^ h >> 33;
}

bool is_null(const ColumnBuffer& column, std::size_t row) {
  return column.has_nulls && (column.valid[row / 64] >> (row % 64) & 1U) == 0;
}

/// Equal values have equal hashes.
class CellHash {
 public:
  explicit CellHash(ColumnType type) : type_(type), width_(cell_width(type)) {}

  std::uint64_t operator()(const ColumnBuffer& column, std::size_t row) const {
    switch (type_.kind) {
      case TypeKind::text:
      case TypeKind::blob:
        return std::hash<std::string_view>()(static_cast<const StringCell*>(column.values)[row].view());
      case TypeKind::float32: return of_number(static_cast<const float*>(column.values)[row]);
      case TypeKind::float64: return of_number(static_cast<const double*>(column.values)[row]);
      default: break;
    }
    std::uint64_t words[2] = {0, 0};
    std::memcpy(words, static_cast<const char*>(column.values) + row * width_, width_);
    return words[0] ^ mixed(words[1]);
  }

 private:
  /// 0 and -0 are equal, and so is every not-a-number.
  static std::uint64_t of_number(double value) { return value != value ? 1 : std::hash<double>()(value); }
  ColumnType type_;
  std::size_t width_;
};

/// Adds one column to the hashes of its rows.
void add_column(const ColumnBuffer& column, ColumnType type, std::span<std::uint64_t> hashes) {
  const CellHash hash(type);
  for (std::size_t row = 0; row < hashes.size(); ++row) {
    if (hashes[row] == kNoKey) continue;
    hashes[row] = is_null(column, row) ? kNoKey : mixed(hashes[row] * 31 + hash(column, row)) | 1U;
  }
}

/// Moves the rows that are not in `out_rows` (ascending) together.
void close_gaps(ColumnBuffer& column, std::size_t width, std::span<const std::size_t> out_rows, std::size_t rows) {
  auto* const cells = static_cast<char*>(column.values);
  std::size_t to = out_rows.front(), skipped = 0;
  for (std::size_t from = to; from < rows; ++from) {
    if (skipped < out_rows.size() && out_rows[skipped] == from) {
      ++skipped;
      continue;
    }
    std::memmove(cells + to * width, cells + from * width, width);
    if (column.has_nulls) {
      if (is_null(column, from))
        column.set_null(to);
      else
        column.set_valid(to);
    }
    ++to;
  }
  if (column.has_nulls)
    for (; to < rows; ++to) column.set_valid(to);
}

}  // namespace

KeyGate::KeyGate(std::vector<std::vector<std::size_t>> keys, std::uint64_t expected_rows, const KeyGateLimits& limits)
    : keys_(std::move(keys)), limits_(limits) {
  for (std::size_t k = 0; k < keys_.size(); ++k) filters_.emplace_back(expected_rows);
}

void KeyGate::know(std::span<const Column> columns) {
  columns_.assign(columns.begin(), columns.end());
  held_.know(columns);
}

/// The rows of which a key may have been there. It is this batch's turn.
std::vector<std::size_t> KeyGate::doubtful(std::span<const std::vector<std::uint64_t>> hashes, std::size_t rows) {
  constexpr std::size_t kAhead = 16;
  std::vector<bool> seen(rows);
  for (std::size_t k = 0; k < keys_.size(); ++k) {
    for (std::size_t row = 0; row < rows; ++row) {
      if (row + kAhead < rows) filters_[k].prefetch(hashes[k][row + kAhead]);
      if (hashes[k][row] != kNoKey && filters_[k].test_and_add(hashes[k][row])) seen[row] = true;
    }
  }
  std::vector<std::size_t> out;
  for (std::size_t row = 0; row < rows; ++row)
    if (seen[row]) out.push_back(row);
  return out;
}

void KeyGate::Turn::wait() {
  for (std::uint64_t now = gate_.turn_.load(); now != number_; now = gate_.turn_.load()) gate_.turn_.wait(now);
}

void KeyGate::Turn::leave() {
  left_ = true;
  gate_.turn_.store(number_ + 1);
  gate_.turn_.notify_all();
}

KeyGate::Turn::~Turn() {
  if (left_) return;
  wait();
  leave();
}

std::size_t KeyGate::Turn::pass(std::span<ColumnBuffer> batch, std::size_t rows) {
  KeyGate& g = gate_;
  std::vector<std::vector<std::uint64_t>> hashes(g.keys_.size(), std::vector<std::uint64_t>(rows, 1));
  for (std::size_t k = 0; k < g.keys_.size(); ++k)
    for (const std::size_t c : g.keys_[k]) add_column(batch[c], g.columns_[c].type, hashes[k]);
  wait();
  std::vector<std::size_t> out_rows;
  if (!g.open_) out_rows = g.doubtful(hashes, rows);
  for (const std::size_t row : out_rows) g.held_.add(batch, row);
  if (g.held_.size() > g.limits_.most_held || g.held_.bytes() > g.limits_.most_held_bytes) g.open_ = true;
  leave();
  if (out_rows.empty()) return rows;
  for (std::size_t c = 0; c < batch.size(); ++c) close_gaps(batch[c], cell_width(g.columns_[c].type), out_rows, rows);
  return rows - out_rows.size();
}

}  // namespace millrace::lake
