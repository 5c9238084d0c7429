#pragma once
/// \file jinja/text.h
/// Work on text that both methods and filters do.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "jinja/meter.h"

namespace millrace::jinja {

/// At most `count` replacements; negative: all. An empty `old_text` matches between all characters.
/// Errors: invalid_input past the limits.
Result<std::string> replaced(std::string_view text, std::string_view old_text, std::string_view new_text,
                             std::int64_t count, Meter& meter);

enum class Side : std::uint8_t { left, right, both };
/// `fill` on that side until the text has `width` characters. Errors: invalid_input past the limits.
Result<std::string> padded(std::string_view text, std::int64_t width, std::string_view fill, Side side, Meter& meter);

/// At most `most` cuts, negative: all. Requires: !separator.empty().
std::vector<std::string_view> split_at(std::string_view text, std::string_view separator, std::int64_t most,
                                       bool from_right);
/// At runs of white space, without empty parts.
std::vector<std::string_view> split_at_spaces(std::string_view text, std::int64_t most, bool from_right);
std::vector<std::string_view> lines_of(std::string_view text);  ///< without line ends
/// Python's isupper and islower: at least one cased letter, and none of the other case.
bool has_case(std::string_view text, bool upper);

}  // namespace millrace::jinja
