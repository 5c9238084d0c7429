#pragma once
/// \file jinja/format_spec.h
/// One field of "%5.2f" or "{:>10,}", which differ in spelling but not in meaning.

#include <cstdint>
#include <string>
#include <string_view>

#include "jinja/meter.h"
#include "jinja/value.h"

namespace millrace::jinja {

struct FormatSpec {
  std::string fill = " ";       ///< one character
  char align = 0;               ///< < > ^ =, or 0 for the type's own: numbers right, the rest left
  char sign = '-';              ///< - + or a blank
  bool alternate = false;       ///< 0x before hex digits
  std::int64_t width = 0;       ///< in characters
  std::int64_t precision = -1;  ///< negative: not given
  char grouping = 0;            ///< , or _ between thousands
  char type = 0;                ///< s d f ...; 0: by the value
};

/// [[fill]align][sign][#][0][width][grouping][.precision][type]. Errors: invalid_input.
Result<FormatSpec> parse_format_spec(std::string_view spec);

/// Errors: invalid_input if the type does not fit the value, or past the limits.
Result<std::string> formatted(const Value& v, const FormatSpec& spec, Meter& meter);

}  // namespace millrace::jinja
