#pragma once
/// \file serve/published.h
/// What the server answers from: one generation of tables that never change, swapped as a whole, so
/// that no answer mixes two of them.

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "contract/column.h"

namespace millrace::serve {

/// As the project file declares it.
struct Endpoint {
  std::string path;      ///< "/orders/": a slash at both ends
  std::string relation;  ///< "gold.v_orders"
  std::string key;       ///< the column that names one row: "order_id"
};

struct PublishedEndpoint {
  Endpoint endpoint;
  std::string table;            ///< ready SQL: quoted; has _mr_row BIGINT (0 to count - 1, in key order) and `columns`
  std::vector<Column> columns;  ///< without _mr_row
  std::size_t key_index = 0;    ///< of endpoint.key in `columns`; unique, never NULL
  std::int64_t count = 0;
};

/// Requires of the publisher: the tables stay as they are until the last pointer to this is gone
/// (its deleter may drop them), and no two generations share a number.
struct Published {
  std::int64_t generation = 0;
  WallTime at;
  std::vector<PublishedEndpoint> endpoints;
};

/// The current generation, or none before the first. Shared, because a reader keeps its generation
/// until its answer stands. Threads: safe to share.
class PublishedSlot {
 public:
  [[nodiscard]] std::shared_ptr<const Published> get() const {
    const std::lock_guard lock(mutex_);
    return current_;
  }
  void set(std::shared_ptr<const Published> next) {
    const std::lock_guard lock(mutex_);
    current_.swap(next);  // the old one ends with `next`, after the lock: its deleter may be slow
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const Published> current_;
};

}  // namespace millrace::serve
