#pragma once
/// \file contract/contract.h
/// What a source promises about its rows: an ODCS v3.1 document, the part of it that this
/// version understands. Everything else in it that would change which rows are good is an
/// error, never ignored.
/// Source: github.com/bitol-io/open-data-contract-standard v3.1.0

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/result.h"
#include "contract/column.h"
#include "contract/time_format.h"

namespace millrace {

/// error: the row goes to quarantine. warning: it is loaded, counted and flagged.
enum class Severity : std::uint8_t { error, warning };

struct AcceptedValues {
  std::vector<std::string> values;              ///< in the order of the contract
  std::unordered_set<std::string_view> lookup;  ///< views of `values`
  Severity severity = Severity::error;
  AcceptedValues() = default;
  AcceptedValues(std::vector<std::string> v, Severity s);
  AcceptedValues(const AcceptedValues& other) : AcceptedValues(other.values, other.severity) {}
  AcceptedValues& operator=(const AcceptedValues& other);
  AcceptedValues(AcceptedValues&&) noexcept = default;  // the views stay: moving a vector keeps its elements
  AcceptedValues& operator=(AcceptedValues&&) noexcept = default;
};

struct ColumnContract {
  std::string name;
  ColumnType type;
  std::string description;
  std::vector<std::string> aliases;  ///< other names of the column in a header
  bool required = false;
  bool unique = false;               ///< alone; see Contract::primary_key for several columns together
  std::optional<TimeFormat> format;  ///< date and timestamp: always set
  std::optional<AcceptedValues> accepted;
  std::optional<Severity> not_in_future;  ///< date and timestamp

  /// Nothing is asked of a value but that it is of the type, and not in the future.
  [[nodiscard]] bool is_plain() const { return !accepted; }
};

/// Threads: safe to share.
struct Contract {
  std::string id, version, status, name;
  std::vector<ColumnContract> columns;   ///< in the order of the contract
  std::vector<std::size_t> primary_key;  ///< indexes of columns; may be empty
  std::string sha256;                    ///< of the document's bytes

  /// The column sets whose values may stand in one row only: unique columns, and the primary key.
  [[nodiscard]] std::vector<std::vector<std::size_t>> unique_sets() const;
};

/// Errors: invalid_input at file:line:column; unsupported for a rule that waits for a later version.
Result<Contract> parse_contract(std::string_view text, std::string_view file);
/// Errors: those of read_file and parse_contract.
Result<Contract> load_contract(const std::string& path);

}  // namespace millrace
