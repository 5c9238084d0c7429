#pragma once
/// \file app/config_csv.h
/// sources.<name>.csv: how the files of a source are written.

#include "base/result.h"
#include "base/yaml.h"
#include "lake/csv/record.h"

namespace millrace::app {

/// Reads the section `csv` of a source; nullptr: all defaults. Errors: invalid_input at file:line:column.
Result<lake::csv::Dialect> read_dialect(const yaml::Node* node, const yaml::Place& place);

}  // namespace millrace::app
