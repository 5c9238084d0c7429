#pragma once
/// \file warehouse/cell_text.h
/// Cells as text, appended: shared by small results, messages and the JSON of the API.

#include <cstdint>
#include <string>

#include "contract/column.h"
#include "warehouse/statement.h"

namespace millrace::warehouse {

void append_date(std::string& out, std::int32_t days);                       ///< 2018-07-12
void append_timestamp(std::string& out, std::int64_t micros, char between);  ///< 2018-07-12T17:33:04[.123]
void append_decimal(std::string& out, Int128 unscaled, unsigned scale);      ///< -12.30
void append_int128(std::string& out, Int128 value);

/// The unscaled integer of a decimal cell, in whichever width its precision has.
Int128 decimal_at(const ColumnView& column, std::size_t row);

/// The cell as a small result's value.
Value value_at(const ColumnView& column, std::size_t row);

}  // namespace millrace::warehouse
