#pragma once
/// \file ingest/source.h
/// One source of files, as the project declares it.

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "contract/contract.h"
#include "lake/csv/record.h"
#include "warehouse/session.h"

namespace millrace::ingest {

/// A key whose bytes have changed since they were loaded.
enum class OnNewBytes : std::uint8_t { replace, append, refuse };
/// A file with broken records.
enum class OnReject : std::uint8_t { quarantine, fail_file };

struct Source {
  std::string name;     ///< "orders"
  std::string pattern;  ///< of keys: "landing/orders/*.csv*"; * and ? stop at '/'
  Contract contract;
  warehouse::RelationName table;
  OnNewBytes on_new_bytes = OnNewBytes::replace;
  OnReject on_reject = OnReject::quarantine;
  std::optional<double> reject_limit;  ///< share of a file's records, 0 to 1; more: the file is refused
  lake::csv::Dialect dialect = {};

  /// The part of the pattern before the first wildcard's folder: "landing/orders/".
  [[nodiscard]] std::string folder() const;
  [[nodiscard]] bool matches(std::string_view key) const;
};

/// Where a file goes when it is loaded or refused: "processed/dt=2026-11-22/orders/a.csv".
/// A name that other bytes hold already gets the file's id: "a~000017.csv".
struct ArchiveName {
  static std::string make(std::string_view area, std::string_view date, const Source& source, std::string_view key,
                          std::optional<std::int64_t> file_id);
  /// Would `key` be mistaken for a name with an id? Then it always gets one.
  static bool needs_id(std::string_view key);
  /// The key that was archived as `archived`, or nullopt where the name is not of this source.
  static std::optional<std::string> original_key(std::string_view area, const Source& source,
                                                 std::string_view archived);
};

inline constexpr std::string_view kProcessed = "processed";
inline constexpr std::string_view kQuarantine = "quarantine";

}  // namespace millrace::ingest
