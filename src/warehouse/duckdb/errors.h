#pragma once
/// \file warehouse/duckdb/errors.h
/// The only place that turns DuckDB's messages into our kinds of error.

#include <string_view>

#include "base/error.h"

namespace millrace::warehouse::duckdb {

/// `what`: the statement's name. The kind follows the message's class ("Binder Error: …").
Error to_error(std::string_view what, std::string_view message);

/// The engine has stopped itself; only opening the file anew helps.
bool has_stopped(std::string_view message);

/// On opening: the write-ahead log cannot be replayed, while the file may be whole. Not where only
/// memory, space or permission was missing.
bool is_damaged_log(const Error& error);
/// The database file does not hold what was written to it.
bool is_damaged_file(const Error& error);

}  // namespace millrace::warehouse::duckdb
