#pragma once
/// \file contract/draft.h
/// A first contract, proposed from data. Every value is looked at, in memory that does not grow with the
/// data; a type is proposed only where all values are of it, and a rule that may be wrong only as a
/// warning. Comments say why, so that a person can decide.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "contract/contract.h"
#include "contract/field_rules.h"

namespace millrace {

/// What the values of one column have in common. Threads: one thread at a time.
class ColumnDraft {
 public:
  static constexpr std::size_t kMostRemembered = 1'000'000;  ///< values compared for repetitions
  static constexpr std::size_t kMostCounted = 200;           ///< values whose number is counted

  ColumnDraft(std::string name, std::int64_t now_us);
  void add(FieldText field);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] std::int64_t rows() const { return rows_; }
  [[nodiscard]] bool never_empty() const { return rows_ > 0 && empty_ == 0; }
  [[nodiscard]] bool all_differ() const { return values_ > 1 && all_differ_; }
  [[nodiscard]] bool looks_like_id() const;
  /// May the column be a key? Text or whole numbers, as far as seen.
  [[nodiscard]] bool fits_a_key() const { return never_empty() && all_differ() && (is_integer() || !is_number()); }

  /// The column's entry below `properties:`, with comments. `key`: it is proposed as the primary key.
  [[nodiscard]] std::string yaml(bool key) const;

 private:
  struct TimeGuess {
    ColumnContract column;  // as it would be declared
    std::int64_t in_future = 0;
    std::size_t fraction_digits = 0;  // the most
  };
  /// The accepted values and those that look like a slip of one.
  struct Values {
    std::vector<std::string> good, slips;
  };
  void look_at_number(std::string_view text);
  void look_at_times(std::string_view text);
  void remember(std::string_view text);
  [[nodiscard]] bool is_integer() const { return values_ > 0 && integers_ == values_; }
  [[nodiscard]] bool is_number() const { return values_ > 0 && (decimals_ == values_ || floats_ == values_); }
  [[nodiscard]] const TimeGuess* time() const;
  [[nodiscard]] std::optional<Values> accepted() const;
  [[nodiscard]] std::string type_lines() const;
  [[nodiscard]] std::string time_lines(const TimeGuess& guess) const;
  [[nodiscard]] std::string number_lines() const;
  [[nodiscard]] std::string text_lines() const;

  std::string name_;
  std::int64_t now_us_;
  std::int64_t rows_ = 0, empty_ = 0, values_ = 0;
  std::int64_t integers_ = 0, decimals_ = 0, floats_ = 0, booleans_ = 0;
  std::int64_t leading_zeros_ = 0, shortened_ = 0;
  std::size_t whole_digits_ = 1, part_digits_ = 0;  // of decimals, the most
  std::vector<TimeGuess> times_;                    // those that all values fit, best first
  bool all_differ_ = true, counted_all_ = true;
  std::vector<std::uint64_t> seen_;  // hashes of values, an open table; emptied at the first repetition
  std::size_t remembered_ = 0;
  std::map<std::string, std::int64_t, std::less<>> counts_;
};

/// A contract of these columns as an ODCS document. Threads: one thread at a time.
class ContractDraft {
 public:
  /// `source`: what the data is, for the first comment: "a.csv, b.csv".
  ContractDraft(std::string name, std::string source, const std::vector<std::string>& columns, std::int64_t now_us);

  [[nodiscard]] std::vector<ColumnDraft>& columns() { return columns_; }
  /// The document; parse_contract() reads it.
  [[nodiscard]] std::string yaml() const;

 private:
  [[nodiscard]] const ColumnDraft* key() const;
  std::string name_, source_;
  std::vector<ColumnDraft> columns_;
};

}  // namespace millrace
