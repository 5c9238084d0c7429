#pragma once
/// \file app/commands/quarantine_text.h
/// One quarantined row as a person, a spreadsheet or a program reads it.

#include <string>

#include "app/runtime.h"
#include "ingest/quarantine.h"
#include "ingest/source.h"

namespace millrace::app {

std::string json_of(const ingest::QuarantinedRow& row);

std::string export_head();  ///< of a CSV
/// A cell that begins with =, +, -, @, a tab, a line end, the full-width form of one of the first four, or ' has one
/// ' in front, unless `raw`: otherwise a spreadsheet runs it.
std::string export_line(const ingest::QuarantinedRow& row, bool raw);

/// The first line of the row's file; "" where the file cannot be read.
std::string header_of(Runtime& runtime, const ingest::Source& source, const ingest::QuarantinedRow& row);

/// The row with a caret under the field that is meant, the reason, and what to do; without a last line end.
/// `header`: of its file; "" where it is not known, and then there is no caret.
std::string shown(const ingest::QuarantinedRow& row, const std::string& header, char delimiter);

}  // namespace millrace::app
