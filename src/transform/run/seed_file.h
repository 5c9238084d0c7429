#pragma once
/// \file transform/run/seed_file.h
/// A seed's CSV file as rows of text: RFC 4180 with a byte order mark, CRLF, quoted line ends and any delimiter.
/// Source: contracts/dbt.md section 5 "Seeds".

#include <string>
#include <string_view>

#include "base/result.h"
#include "transform/run/text_rows.h"

namespace millrace::transform {

/// Short rows are padded with NULL, or an error with `strict`; a name that is there twice gets "_2"; blank lines are no
/// rows, but of a file with one column they are NULLs. `where` is the file as messages show it. Errors: invalid_input
/// at file:line for a row with more values than the header, broken quoting, bytes that are not UTF-8, and a file
/// without a header.
Result<TextRows> parse_seed(std::string_view text, std::string_view where, char delimiter, bool strict = false);

}  // namespace millrace::transform
