#pragma once
/// \file ingest/key_overlap.h
/// Patterns of landing keys: which keys two of them share. A file that belongs to two sources would be taken by
/// whichever looks first.

#include <optional>
#include <string>
#include <string_view>

namespace millrace::ingest {

/// A key that both patterns match, as KeyPattern understands them; nullopt: there is none, or one of them is a
/// regular expression, of which nothing is said. Behind **/ it may be a key with an empty name ("a//b"). Cost: the
/// product of their lengths.
std::optional<std::string> key_of_both(std::string_view a, std::string_view b);

}  // namespace millrace::ingest
