#pragma once
/// \file lake/csv/foreign.h
/// Bytes that are no delimited text: told by their first bytes, so that the reason says what they are.

#include <optional>
#include <string_view>

#include "contract/reject.h"

namespace millrace::lake::csv {

/// `head`: the first bytes of a file. nullopt: may be text in UTF-8. `expected` stands in the reason.
std::optional<FileReject> looks_binary(std::string_view head, std::string_view expected);

/// nullopt: may be CSV in UTF-8.
std::optional<FileReject> looks_foreign(std::string_view head);

}  // namespace millrace::lake::csv
