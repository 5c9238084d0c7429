#pragma once
/// \file lake/store_harness_for_tests.h
/// The stores that the conformance suite runs over, and the doors behind them.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "lake/object_store.h"

namespace millrace::lake {

/// One store, empty, and what a test must know of it.
class StoreHarness {
 public:
  virtual ~StoreHarness() = default;
  virtual ObjectStore& store() = 0;
  /// Keys are paths: some cannot be stored.
  [[nodiscard]] virtual bool is_folder() const { return false; }
  /// The failpoints that a move passes.
  [[nodiscard]] virtual std::vector<std::string> move_points() const = 0;
  /// Size of a file that put_file sends in several parts, and open() reads in several.
  [[nodiscard]] virtual std::size_t large_bytes() const = 0;
  [[nodiscard]] virtual std::size_t longest_key() const { return 1024; }
  /// Puts the object into a class that must be restored. False: the store has none that refuses to be read.
  virtual bool freeze(const std::string& key) {
    (void)key;
    return false;
  }
  /// Ends all restores that are on their way.
  virtual void thaw() {}
  /// Metadata of the object; nullopt: the store keeps none.
  virtual std::optional<std::string> metadata(const std::string& key, const std::string& name) {
    (void)key, (void)name;
    return std::nullopt;
  }
};

struct HarnessKind {
  std::string name;
  std::function<std::unique_ptr<StoreHarness>()> make;  ///< nullptr: not here, see `needs`
  std::string needs = {};
  friend void PrintTo(const HarnessKind& kind, std::ostream* out) { *out << kind.name; }
};

/// local; s3; s3_paged (small pages, small parts); s3_faulty (10 % of requests fail); s3_real (a server of the
/// environment).
std::vector<HarnessKind> harness_kinds();

}  // namespace millrace::lake
