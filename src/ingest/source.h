#pragma once
/// \file ingest/source.h
/// One source of files, as the project declares it.

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "contract/contract.h"
#include "contract/schema_policy.h"
#include "ingest/sensor_options.h"
#include "lake/csv/record.h"
#include "lake/open_file.h"
#include "warehouse/session.h"

namespace millrace::ingest {

/// A key whose bytes have changed since they were loaded.
enum class OnNewBytes : std::uint8_t { replace, append, refuse };
/// A file with broken records.
enum class OnReject : std::uint8_t { quarantine, fail_file };
/// A file without records.
enum class OnEmpty : std::uint8_t { load, refuse };
/// A row whose key stands in another row: the first stays and the row goes to quarantine; the newest stays and
/// the others move aside; or all stay.
enum class OnDuplicateKey : std::uint8_t { quarantine, newest, keep };

struct Source {
  std::string name;     ///< "orders"
  std::string pattern;  ///< of keys, as KeyPattern reads it: "landing/orders/*.csv*"
  Contract contract;
  std::string contract_path;  ///< as messages show it
  warehouse::RelationName table;
  OnNewBytes on_new_bytes = OnNewBytes::replace;
  OnReject on_reject = OnReject::quarantine;
  std::optional<double> reject_limit;  ///< share of a file's records, 0 to 1; more: the file is refused
  std::size_t most_rejects = 200'000;  ///< of a file, kept with their bytes; more: the file is refused, with the count
  OnEmpty on_empty = OnEmpty::load;
  OnDuplicateKey on_duplicate_key = OnDuplicateKey::quarantine;
  std::string newest_by;  ///< column whose greater value is the newer row; "": the later load
  SchemaPolicy schema_policy = {};
  lake::csv::Dialect dialect = {};
  lake::FileOptions file = {};
  bool pack_archive = false;  ///< text is kept packed below processed/
  SensorOptions sensor = {};

  /// The part of the pattern before the first wildcard's folder: "landing/orders/".
  [[nodiscard]] std::string folder() const;
  /// Cost: compiles the pattern; who asks for many keys compiles it once. False where the pattern is wrong.
  [[nodiscard]] bool matches(std::string_view key) const;
};

/// Where a file goes when it is loaded or refused: "processed/dt=2026-11-22/orders/a~000017.csv".
/// The number is the file's id in the ledger: names never clash, and their order is the order of
/// loading, in which an empty warehouse is filled again. A text file that is packed on the way becomes
/// "a~000017z.csv.zst", see lake/landed.h.
struct ArchiveName {
  static std::string make(std::string_view area, std::string_view date, const Source& source, std::string_view key,
                          std::int64_t file_id, bool packed = false);

  /// What an archive name says; nullopt where it is not of this source.
  struct Read {
    std::string key;           ///< under which the file had landed
    std::int64_t file_id = 0;  ///< 0: the name carries none
    bool packed = false;       ///< by us, on the way into the archive
  };
  static std::optional<Read> read(std::string_view area, const Source& source, std::string_view archived);
};

inline constexpr std::string_view kProcessed = "processed";
inline constexpr std::string_view kQuarantine = "quarantine";
inline constexpr std::string_view kUnloaded = "unloaded";

}  // namespace millrace::ingest
