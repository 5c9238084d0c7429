#pragma once
/// \file jinja/numbers.h
/// Reading numbers from text as Python's int() and float() do.

#include <cstdint>
#include <optional>
#include <string_view>

namespace millrace::jinja {

/// int(text, base): blanks around it, a sign and single underscores are fine; base 0 goes by 0x, 0o, 0b.
/// Absent: not such a number, or more than 64 bits.
std::optional<std::int64_t> read_integer(std::string_view text, int base);
/// float(text): as above, with "inf" and "nan". Absent: not a number.
std::optional<double> read_real(std::string_view text);

}  // namespace millrace::jinja
