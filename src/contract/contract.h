#pragma once
/// \file contract/contract.h
/// What a source promises about its rows: an ODCS v3.1 document, the part of it that this
/// version understands. Everything else in it that would change which rows are good is an
/// error, never ignored. The keys: docs/specs/contract.md.
/// Source: github.com/bitol-io/open-data-contract-standard v3.1.0

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "contract/column.h"
#include "contract/column_rules.h"
#include "contract/time_format.h"
#include "contract/time_zone.h"

namespace millrace {

struct ColumnContract {
  std::string name;
  std::vector<std::string> aliases;  ///< other names under which a header may show it
  ColumnType type;
  std::string description;
  bool required = false;    ///< a row without a value is rejected
  bool flag_nulls = false;  ///< a row without a value is loaded and flagged
  bool unique = false;      ///< alone; see Contract::primary_key for several columns together
  bool identifies = false;  ///< unique, or part of the primary key

  // How a text is read.
  std::vector<std::string> null_values{""};  ///< unquoted texts that mean NULL
  bool trim = false;                         ///< blanks around an unquoted value do not belong to it
  bool composed = false;                     ///< text is brought into Unicode's composed form (NFC)
  bool integral_decimals = false;            ///< an integer may be written 1.0
  std::optional<NumberMarks> marks;          ///< numbers
  std::optional<BooleanWords> words;         ///< booleans
  std::optional<TimeFormat> format;          ///< date, timestamp, timestamptz: always set
  std::optional<EpochUnit> epoch_unit;       ///< timestamp, timestamptz: a number instead of `format`
  std::optional<TimeZone> default_zone;      ///< timestamptz: of a text that names none
  DstPolicy dst_policy = DstPolicy::reject;  ///< timestamptz
  bool hour24_next_day = false;              ///< as `format` has it: 24:00:00 is the next day's midnight

  // What a value must be.
  std::optional<AcceptedValues> accepted;
  std::optional<ValueLimits> limits;
  std::optional<LengthLimits> length;     ///< text
  std::vector<PatternRule> patterns;      ///< text
  std::optional<Severity> not_in_future;  ///< date, timestamp, timestamptz

  // Decided once, by settle(). Without it a field is read right, but not as fast.
  bool read_plainly = false;  ///< the text is the value; "" is NULL
  bool judged = true;         ///< a value may break a rule
  void settle();

  /// Nothing is asked of a value but that it is of the type, and not in the future: see plain_integer()
  /// and plain_time() of field_rules.h.
  [[nodiscard]] bool is_plain() const { return plain_; }
  /// A text of which nothing is asked but that it is one of the accepted values.
  [[nodiscard]] bool is_listed() const { return listed_ && accepted.has_value(); }

 private:
  bool listed_ = false, plain_ = false;
};

/// Threads: safe to share.
struct Contract {
  std::string id, version, status, name;
  std::vector<ColumnContract> columns;   ///< in the order of the contract
  std::vector<std::size_t> primary_key;  ///< indexes of columns; may be empty
  std::vector<RowRule> row_rules;        ///< names are unique
  std::string sha256;                    ///< of the document's bytes

  /// The column sets whose values may stand in one row only: unique columns, and the primary key.
  [[nodiscard]] std::vector<std::vector<std::size_t>> unique_sets() const;
};

/// Errors: invalid_input at file:line:column; unsupported for a rule that waits for a later version.
Result<Contract> parse_contract(std::string_view text, std::string_view file);
/// Errors: those of read_file and parse_contract.
Result<Contract> load_contract(const std::string& path);

}  // namespace millrace
