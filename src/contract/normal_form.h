#pragma once
/// \file contract/normal_form.h
/// Unicode's composed normal form (NFC): one way to write what may be written in several.
/// Source: Unicode Standard Annex 15.

#include <optional>
#include <string>
#include <string_view>

namespace millrace {

/// The text in NFC; nullopt: it is in NFC already, or is no UTF-8. Cost: nothing for ASCII.
std::optional<std::string> composed(std::string_view text);

}  // namespace millrace
