#pragma once
/// \file serve/key.h
/// The key in a path, read as the key column's type before the engine sees it: whether a text is a
/// key is our answer (400), whether there is such a row is the engine's (404).

#include <optional>
#include <string>
#include <string_view>

#include "contract/column.h"
#include "warehouse/statement.h"

namespace millrace::serve {

/// The key as a parameter that casts to the column's type without loss; nullopt: no value of it.
/// `text` is decoded UTF-8, in the form that the API writes: dates as 2018-07-12, instants with Z.
std::optional<warehouse::Value> read_key(const ColumnType& type, const std::string& text);

/// "a whole number", "a date such as 2018-07-12": what read_key takes.
std::string expected_key(const ColumnType& type);

}  // namespace millrace::serve
