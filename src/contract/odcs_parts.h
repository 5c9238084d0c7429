#pragma once
/// \file contract/odcs_parts.h
/// The parts of an ODCS document, each read by a file of its own: odcs.cc puts them together.
/// All give invalid_input at file:line:column, or unsupported for what is not checked yet.

#include <string_view>

#include "base/yaml.h"
#include "contract/contract.h"

namespace millrace::odcs {

/// A rule that would be ignored is an error instead.
Error waits(const yaml::Place& place, const yaml::Node& node, std::string_view what,
            std::string_view hint = "leave it out, or check it with a data test; a rule is never ignored in silence");

/// An error at a key of a mapping. Requires: the key is there.
Error wrong(const yaml::Fields& f, std::string_view key, std::string_view message, std::string hint = {});

/// logicalType, physicalType, and the width that logicalTypeOptions.format gives an integer.
Result<ColumnType> read_type(yaml::Fields& f);
/// logicalTypeOptions. Requires: type and custom properties are read.
Status read_options(yaml::Fields& f, ColumnContract& column);
/// customProperties: our own settings. Requires: the type is read.
Status read_properties(yaml::Fields& f, ColumnContract& column);
/// One entry of a column's quality list.
Status read_column_rule(const yaml::Node& node, const yaml::Place& place, ColumnContract& column);
/// quality of the whole table.
Status read_row_rules(yaml::Fields& f, Contract& contract);
/// Converts the texts of validValues to values. Requires: all of the column is read.
Status settle_accepted(const yaml::Node& node, const yaml::Place& place, ColumnContract& column);

}  // namespace millrace::odcs
