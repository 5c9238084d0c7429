#pragma once
/// \file contract/convert.h
/// Text to typed values, strictly: the whole text is the value, nothing is rounded, trimmed or
/// guessed. nullopt: the text is no such value (catalogue cases 44 to 55, 68).

#include <cstdint>
#include <optional>
#include <string_view>

#include "contract/column.h"

namespace millrace {

/// [-]digits, within 64 bits. No plus sign, blanks, separators, exponents or other digits.
std::optional<std::int64_t> to_int64(std::string_view text);

/// [-]digits[.digits] as an unscaled integer. Requires: precision <= 38, scale <= precision.
/// More digits behind the point than `scale`, or before it than precision - scale, are refused.
std::optional<Int128> to_decimal(std::string_view text, unsigned precision, unsigned scale);

/// A finite decimal number, exponent allowed. No hexadecimal, NaN or infinity, and none so small that
/// digits are lost.
std::optional<double> to_float64(std::string_view text);

/// true or false in any case.
std::optional<bool> to_boolean(std::string_view text);

}  // namespace millrace
