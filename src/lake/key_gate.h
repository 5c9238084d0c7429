#pragma once
/// \file lake/key_gate.h
/// Rows whose key may have stood in an earlier line of their file are held back, so that they need not be
/// taken out of the landing table again: an engine rewrites everything that a transaction has inserted as
/// soon as it deletes one row of it.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>
#include <vector>

#include "contract/row_source.h"
#include "lake/held_rows.h"
#include "lake/key_filter.h"

namespace millrace::lake {

struct KeyGateLimits {
  std::size_t most_held = 200'000;  ///< rows; with more the gate opens
  std::size_t most_held_bytes = 128 << 20;
};

/// Stands between the cursors of a file and the engine. Batches pass in the order of the file, whichever
/// cursor brings them, so that of two rows with one key the later one is held back.
/// Threads: pass() from several threads; the rest before or when the cursors are done.
class KeyGate {
 public:
  /// `keys`: sets of columns that together are unique; a row with a NULL in one has no key there.
  KeyGate(std::vector<std::vector<std::size_t>> keys, std::uint64_t expected_rows, const KeyGateLimits& limits = {});

  /// Before the first batch: what the rows look like.
  void know(std::span<const Column> columns);

  /// One batch's way through, from the moment its block is taken: whatever becomes of it, also where an exception ends
  /// it, the batches behind it get their turn.
  class Turn {
   public:
    /// Batch `number`: 0, 1, 2, …, each exactly once.
    Turn(KeyGate& gate, std::uint64_t number) : gate_(gate), number_(number) {}
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn();
    /// Waits for its turn, holds back what must be, moves the other rows together and says how many they are.
    std::size_t pass(std::span<ColumnBuffer> batch, std::size_t rows);

   private:
    void wait();
    void leave();
    KeyGate& gate_;
    std::uint64_t number_;
    bool left_ = false;
  };
  /// A batch that is there already.
  std::size_t pass(std::uint64_t number, std::span<ColumnBuffer> batch, std::size_t rows) {
    return Turn(*this, number).pass(batch, rows);
  }

  /// The rows that came through have distinct keys. False: too many would have had to be held back, and the
  /// gate has been open since.
  [[nodiscard]] bool tight() const { return !open_; }
  /// Rows that perhaps repeat the key of an earlier one.
  [[nodiscard]] HeldRows& held() { return held_; }

 private:
  std::vector<std::size_t> doubtful(std::span<const std::vector<std::uint64_t>> hashes, std::size_t rows);

  std::vector<std::vector<std::size_t>> keys_;
  KeyGateLimits limits_;
  std::vector<Column> columns_;
  std::atomic<std::uint64_t> turn_{0};
  // The three below belong to whoever's turn it is.
  std::vector<KeyFilter> filters_;  // one for each set of columns
  HeldRows held_;
  bool open_ = false;
};

}  // namespace millrace::lake
