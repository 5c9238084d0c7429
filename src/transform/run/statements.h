#pragma once
/// \file transform/run/statements.h
/// Texts of SQL: cutting them into statements, and what an engine's error says about a place in them.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace millrace::transform {

/// Cut at semicolons outside of quotes, comments and $tags$; without blanks at the ends, empty ones left out.
std::vector<std::string> split_statements(std::string_view sql);

/// The first word in capitals, behind comments: "SELECT", "WITH"; "" where there is none.
std::string first_word(std::string_view sql);

/// A COMMIT in a hook would make half a build visible. Errors: unsupported for BEGIN, COMMIT, ROLLBACK and their like.
Status check_no_transaction_control(std::string_view statement);

/// An engine's error about a statement in which a node's compiled SQL begins behind `lines_before` lines. Its
/// "LINE n:" becomes the line of the compiled SQL, its caret stays under the same character; a place outside of the
/// compiled SQL is left out. `compiled_file`: where to read it; "" where it was not written.
Error about_compiled_sql(Error error, int lines_before, int lines_of_sql, std::string_view compiled_file);

/// May it make, drop or rename relations? Then what is known of the warehouse is out of date.
bool changes_names(std::string_view statement);

int count_lines(std::string_view text);  ///< line ends + 1

}  // namespace millrace::transform
