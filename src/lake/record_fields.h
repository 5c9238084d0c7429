#pragma once
/// \file lake/record_fields.h
/// Single records of a file, field by field: for showing one, and for finding one by its key.

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "contract/contract.h"
#include "lake/csv/record.h"
#include "lake/object_store.h"
#include "lake/open_file.h"

namespace millrace::lake {

/// Threads: one thread at a time.
class RecordFields {
 public:
  struct Found {
    std::size_t begin = 0, end = 0;  ///< in the record, with quotes; equal where the text stands nowhere as it is
    std::string text;                ///< unquoted and unescaped
    bool quoted = false;
    bool null = false;  ///< of JSON
  };

  /// How the file's records are laid out: by its header, or in JSON by its keys. Reads the head of a CSV file; of a
  /// Parquet file in the child process.
  /// Errors: contract_violation where the file has no header that names a column; those of the object.
  static Result<RecordFields> of(std::unique_ptr<ObjectReader> object, const FileOptions& how, const Contract& contract,
                                 const csv::Dialect& dialect);

  /// The field of a column (of the contract, whatever the file calls it, or one that only the file has) in a record
  /// without its line end. nullopt: the file has no such column, or the record is too broken to say.
  [[nodiscard]] std::optional<Found> find(std::string_view raw, std::string_view column) const;

 private:
  RecordFields() = default;
  [[nodiscard]] std::optional<Found> find_csv(std::string_view raw, std::size_t field) const;
  [[nodiscard]] std::optional<Found> find_json(std::string_view raw, std::string_view column) const;

  bool json_ = false;
  csv::Dialect dialect_;
  std::size_t fields_ = 0;                        // of each record
  std::map<std::string, std::size_t> field_of_;   // CSV: by name in lower case
  std::map<std::string, std::string> column_of_;  // JSON: column by key, where they differ
};

}  // namespace millrace::lake
