#pragma once
/// \file contract/field_text.h
/// The text of a field brought into the one form that conversions understand, where its column declares
/// another: null markers, punctuated numbers.

#include <array>
#include <optional>
#include <string_view>

#include "contract/field_rules.h"

namespace millrace {

bool means_null(const ColumnContract& column, FieldText field);

using NumberScratch = std::array<char, 128>;

/// The number as -1234.56, for a column with number marks or integralDecimals: a view of `text` or of
/// `scratch`. nullopt: it is not punctuated as declared.
std::optional<std::string_view> plain_number(const ColumnContract& column, std::string_view text,
                                             NumberScratch& scratch);

}  // namespace millrace
