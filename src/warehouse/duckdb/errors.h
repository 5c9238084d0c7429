#pragma once
/// \file warehouse/duckdb/errors.h
/// The only place that turns DuckDB's messages into our kinds of error.

#include <string_view>

#include "base/error.h"

namespace millrace::warehouse::duckdb {

/// `what`: the statement's name. The kind follows the message's class ("Binder Error: …").
Error to_error(std::string_view what, std::string_view message);

}  // namespace millrace::warehouse::duckdb
