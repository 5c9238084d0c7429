#pragma once
/// \file contract/column_rules.h
/// What a column's values are measured by, beyond their type. Every rule is decided while the contract
/// is read, so that a field costs comparisons only.

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "contract/column.h"
#include "contract/pattern.h"

namespace millrace {

/// error: the row goes to quarantine. warning: it is loaded, counted and flagged.
enum class Severity : std::uint8_t { error, warning };

/// The values that are good: texts of a string column, else compared by value, so that 007 is 7.
/// Threads: safe to share.
class AcceptedValues {
 public:
  explicit AcceptedValues(std::vector<std::string> v, Severity s);
  AcceptedValues(const AcceptedValues& other);
  AcceptedValues& operator=(const AcceptedValues& other);
  AcceptedValues(AcceptedValues&&) noexcept = default;  // the views stay: moving a vector keeps its elements
  AcceptedValues& operator=(AcceptedValues&&) noexcept = default;
  ~AcceptedValues() = default;

  [[nodiscard]] bool contains(const StringCell& text) const {
    if (cells_.empty()) return lookup_.contains(text.view());
    // Which value it can be is found without a branch for each: values come in any order, and a wrong guess of
    // the processor costs more than all comparisons.
    const std::uint64_t head = text.head();
    std::size_t at = 0;
    for (std::size_t i = 0; i < heads_.size(); ++i) at = heads_[i] == head ? i : at;
    if (same(cells_[at], text)) return true;
    if (heads_differ_) return false;
    for (const StringCell& cell : cells_)
      if (same(cell, text)) return true;
    return false;
  }
  /// A value as number_of() gives it. Requires: add_number() was called for each of `values`.
  [[nodiscard]] bool contains(Int128 number) const;
  void add_number(Int128 number);

  std::vector<std::string> values;  ///< in the order of the contract
  Severity severity = Severity::error;

 private:
  static constexpr std::size_t kFew = 24;  // up to here looking at each is quicker than a hash
  static bool same(const StringCell& a, const StringCell& b) {
    if (a.head() != b.head()) return false;
    return a.inlined.size <= StringCell::kMostInlined ? std::memcmp(a.inlined.bytes + 4, b.inlined.bytes + 4, 8) == 0
                                                      : a.view() == b.view();
  }
  void index();
  std::vector<StringCell> cells_;                // of few values
  std::vector<std::uint64_t> heads_;             // head() of each of cells_
  bool heads_differ_ = false;                    // no two are equal
  std::unordered_set<std::string_view> lookup_;  // of many; both are views of `values`
  std::vector<Int128> numbers_;                  // ascending
};

/// Bounds and step, in the column's own unit: the integer, the unscaled decimal, days, microseconds.
struct ValueLimits {
  static constexpr Int128 kLeast = std::numeric_limits<Int128>::min(), kMost = std::numeric_limits<Int128>::max();
  Int128 low = kLeast, high = kMost;                             ///< both are good
  Int128 step = 0;                                               ///< 0: any value; else its multiples
  double low_number = -std::numeric_limits<double>::infinity();  ///< of a float64 column
  double high_number = std::numeric_limits<double>::infinity();
  std::string in_words;  ///< "at least 1 and below 9"
  bool operator==(const ValueLimits&) const = default;
};

/// In code points.
struct LengthLimits {
  std::size_t low = 0, high = std::numeric_limits<std::size_t>::max();
  bool operator==(const LengthLimits&) const = default;
};

struct PatternRule {
  Pattern pattern;
  Severity severity = Severity::error;
  bool operator==(const PatternRule&) const = default;
};

/// How numbers are punctuated, where not as 1234.56.
struct NumberMarks {
  std::string decimal = ".";  ///< one character
  std::string group;          ///< "" for none; else between groups of three digits
  bool operator==(const NumberMarks&) const = default;
};

/// The words of a boolean column, where not true and false.
struct BooleanWords {
  std::vector<std::string> truths, falsehoods;
  bool operator==(const BooleanWords&) const = default;
};

/// The unit of a timestamp that is written as a number since 1970-01-01 00:00:00 UTC.
enum class EpochUnit : std::uint8_t { s, ms, us, ns };

/// A rule over the columns of one row, as SQL. Good where it is true or NULL, like a CHECK constraint.
struct RowRule {
  std::string name;
  std::string sql;  ///< a boolean expression; quotes and parentheses are closed in it, and no ; ends it
  Severity severity = Severity::error;
  std::string description;
  bool operator==(const RowRule&) const = default;
};

}  // namespace millrace
