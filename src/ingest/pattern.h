#pragma once
/// \file ingest/pattern.h
/// Patterns of landing keys: which keys two of them share. A file that belongs to two sources would be taken by
/// whichever looks first.

#include <optional>
#include <string>
#include <string_view>

namespace millrace::ingest {

/// A key that both patterns match, as Source::matches() understands them; nullopt: there is none.
/// Cost: the product of their lengths.
std::optional<std::string> key_of_both(std::string_view a, std::string_view b);

}  // namespace millrace::ingest
