#pragma once
/// \file jinja/characters.h
/// Text as Python sees it: a row of code points. A byte that is not UTF-8 counts as one character.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::jinja {

/// Views into `text`, one per code point.
std::vector<std::string_view> characters(std::string_view text);
std::size_t count_characters(std::string_view text);
std::string_view first_character(std::string_view text);       ///< Requires: !text.empty().
std::uint32_t code_point(std::string_view character);          ///< of one character; a bad byte as itself
void append_code_point(std::string& out, std::uint32_t code);  ///< Requires: code <= 0x10ffff.

/// Case mapping of Latin, Greek and Cyrillic letters; every other script stays as it is.
std::string lower(std::string_view text);
std::string upper(std::string_view text);
std::string capitalized(std::string_view text);  ///< first letter upper, the rest lower
std::string titled(std::string_view text);       ///< every word capitalized
bool is_letter(std::uint32_t code);              ///< of the scripts above, or any code beyond them

inline constexpr std::string_view kSpaces = " \t\n\r\f\v";
std::string_view stripped(std::string_view text, std::string_view of = kSpaces);
std::string_view left_stripped(std::string_view text, std::string_view of = kSpaces);
std::string_view right_stripped(std::string_view text, std::string_view of = kSpaces);

}  // namespace millrace::jinja
