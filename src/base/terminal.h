#pragma once
/// \file base/terminal.h
/// Text of unknown origin on a terminal: it must not steer it (CWE-150), and one must know how wide it is.

#include <cstddef>
#include <string>
#include <string_view>

namespace millrace {

/// Would the character move the cursor, change what the terminal does, or turn the order in which text is shown?
/// Controls (C0, DEL, C1), the marks of bidirectional text, and Unicode's own line ends.
bool steers_terminal(char32_t c);

/// The whole of an output as it may reach a terminal: line ends and tabs stay, other characters that steer
/// it are written \u009b, bytes that are not UTF-8 \xNN. Inside the strings of a JSON document this is the same text.
std::string harmless(std::string_view text);

/// How many cells the text takes on a terminal: 2 for a wide character, 0 for one that sits on another.
/// Requires: no controls; see printable().
std::size_t display_width(std::string_view text);

}  // namespace millrace
