#pragma once
/// \file app/sample_defects.h
/// What goes wrong in real order files, one kind at a time, so that `millrace sample` can
/// say exactly what it broke and a load can be held against it.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/sample_rows.h"
#include "base/random.h"

namespace millrace::app {

enum class Defect : std::uint8_t {
  // The line parses, its content is wrong.
  future_order,          ///< ordered in 2042, paid years before
  misspelt_status,       ///< EXPRIED for EXPIRED
  payment_before_order,  ///< by minutes to days
  one_digit_date,        ///< paid on 2016-2-9: good where the contract says yyyy-M-d
  // The line is malformed.
  too_few_columns,
  too_many_columns,
  letters_in_number,
  scientific_number,
  impossible_date,
  other_date_format,
  missing_order_id,
  duplicate_order_id,  ///< a well-formed line, the id is that of an earlier one
  bad_utf8,
  nul_byte,
  text_after_quote,
  unbalanced_quote,  ///< a quote opens and the next one, some lines on, does not close it
  repeated_header,
  total_line,  ///< the word TOTAL alone, as a report leaves it
};
inline constexpr std::size_t kDefects = 18;

/// The stable name in reports: "future_order".
std::string_view name_of(Defect defect);
/// All kinds, in the order of the enum.
const std::array<Defect, kDefects>& all_defects();

/// Which records are broken, and how. The records come at random, but one in each stretch of
/// 1 / rate, and the kinds are dealt like cards: each appears once before any appears twice.
/// With 100 records or more, one future_order and one misspelt_status come on top.
/// Threads: one thread at a time.
class DefectPlan {
 public:
  /// Requires: 0 <= rate <= 1.
  DefectPlan(std::int64_t records, double rate, std::uint64_t seed);

  /// The defect of the next record, from the first to the last. `earlier_order`: is there an id to duplicate?
  std::optional<Defect> next(bool earlier_order);

 private:
  void schedule();
  Defect deal(bool earlier_order);

  std::int64_t records_;
  double rate_;
  Random random_;
  std::int64_t record_ = 0;
  std::int64_t stretch_ = 0;
  std::int64_t due_ = 0;  ///< the next record to break; records_: none
  std::int64_t future_at_ = -1, misspelt_at_ = -1;
  std::vector<Defect> deck_;
};

/// Appends the line of record `place`, broken in the way of `defect`, without a line end.
/// Requires: earlier_id is an order id already written, where the defect duplicates one.
void append_broken(std::string& out, Defect defect, SampleOrders& orders, std::int64_t place, std::int64_t earlier_id,
                   Random& random);

/// Does the line still carry its own order id where a reader finds it?
inline bool keeps_order_id(Defect defect) { return defect <= Defect::one_digit_date; }

}  // namespace millrace::app
