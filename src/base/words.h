#pragma once
/// \file base/words.h
/// Words for people: the nearest known name to a mistyped one, numbers with separators,
/// plurals, and units in both directions.

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace millrace {

/// The known name nearest to `word` by edit distance, or "" where none is near enough to be meant.
std::string nearest(std::string_view word, std::span<const std::string> known);

std::string with_thousands(std::int64_t number);                      ///< 14920 -> "14,920"
std::string counted(std::int64_t number, std::string_view singular);  ///< "1 row", "14,920 rows"
std::string join(std::span<const std::string> parts, std::string_view between);
std::string to_lower_ascii(std::string_view text);
std::string_view trimmed(std::string_view text);  ///< without blanks and line ends at both ends

/// Text of unknown origin for one line of a terminal or log: controls and bad UTF-8 are written
/// as \xNN (see base/terminal.h for what else is written out), and it is cut with an ellipsis after `most` bytes.
std::string printable(std::string_view bytes, std::size_t most = 120);

/// "300ms", "2s", "5m", "1h". Errors: invalid_input.
Result<std::chrono::milliseconds> parse_duration(std::string_view text);
std::string to_words(std::chrono::milliseconds duration);  ///< "0.31 s", "2 min 5 s"
/// "64MiB", "1GB", "4096". Errors: invalid_input.
Result<std::uint64_t> parse_bytes(std::string_view text);
std::string bytes_in_words(std::uint64_t bytes);  ///< "1.2 GB"

}  // namespace millrace
