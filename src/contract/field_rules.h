#pragma once
/// \file contract/field_rules.h
/// One field of one record against its column's contract: convert, then judge.

#include <cstdint>
#include <string>
#include <string_view>

#include "contract/column.h"
#include "contract/contract.h"
#include "contract/reject.h"

namespace millrace {

/// A field as the reader found it.
struct FieldText {
  std::string_view text;  ///< unquoted, unescaped
  bool quoted = false;
  bool nested = false;  ///< an object or a list, as JSON text
};

/// The last moment that is not in the future: a zone-less time may be up to 14 hours ahead of UTC and
/// still be now somewhere. Microseconds since the epoch.
constexpr std::int64_t latest_now(std::int64_t now_us) { return now_us + 14 * 3'600'000'000LL; }

/// Writes the field's value into row `row` of `out` and says what is wrong with it; `none`: good.
/// `flag` is set instead where only a warning rule is broken: the value is then written.
/// An unquoted empty field is NULL; `""` is the empty string in a text column, NULL in others.
/// `now_us`: the moment of the load, for "not in the future", microseconds since the epoch.
/// Text is borrowed by `out`: it outlives the batch.
RejectCode write_field(const ColumnContract& column, FieldText field, std::int64_t now_us, ColumnBuffer& out,
                       std::size_t row, RejectCode& flag);

/// "order_date: found \"2019-02-30\", expected yyyy-MM-dd" for the code write_field gave.
std::string reason_of(const ColumnContract& column, FieldText field, RejectCode code);

}  // namespace millrace
