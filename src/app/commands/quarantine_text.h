#pragma once
/// \file app/commands/quarantine_text.h
/// One quarantined row as a person, a spreadsheet or a program reads it.

#include <optional>
#include <string>

#include "app/runtime.h"
#include "ingest/quarantine.h"
#include "ingest/refused_files.h"
#include "ingest/source.h"
#include "lake/record_fields.h"

namespace millrace::app {

std::string json_of(const ingest::QuarantinedRow& row);

std::string json_of(const ingest::RefusedFile& file);  ///< as a row: in line 0, without bytes
/// A file that was refused whole: why, and what to do; without a last line end.
std::string shown(const ingest::RefusedFile& file);

std::string json_of(const ingest::FileReplay& replay);  ///< as a replay of rows
/// "replay   landing/orders/b.csv  7 rows, 1 quarantined"
std::string told(const ingest::FileReplay& replay);

std::string export_head();  ///< of a CSV
/// A cell that begins with =, +, -, @, a tab, a line end, the full-width form of one of the first four, or ' has one
/// ' in front, unless `raw`: otherwise a spreadsheet runs it.
std::string export_line(const ingest::QuarantinedRow& row, bool raw);

/// How the records of the row's file are laid out; nullopt where the file cannot be read.
std::optional<lake::RecordFields> layout_of(Runtime& runtime, const ingest::Source& source,
                                            const ingest::QuarantinedRow& row);

/// The row with carets under the field that is meant (or the fields of a key), the reason, and what to do; without a
/// last line end. Carets are counted in cells of the terminal: a wide character takes two, and what is not
/// printable as many as are written for it. There are none where the layout is not known.
std::string shown(const ingest::QuarantinedRow& row, const std::optional<lake::RecordFields>& layout);

}  // namespace millrace::app
