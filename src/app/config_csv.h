#pragma once
/// \file app/config_csv.h
/// sources.<name>.csv: how the files of a source are written.

#include "base/result.h"
#include "base/yaml.h"
#include "lake/codec/open_stream.h"
#include "lake/csv/record.h"

namespace millrace::app {

/// Reads the section `csv` of a source; nullptr: all defaults. Errors: invalid_input at file:line:column.
Status read_csv_section(const yaml::Node* node, const yaml::Place& place, lake::csv::Dialect& dialect,
                        lake::Encoding& encoding);

}  // namespace millrace::app
