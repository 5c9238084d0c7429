#pragma once
/// \file transform/render/snowflake_compat.h
/// `compat: snowflake`: functions that models written for Snowflake use, as macros of DuckDB.

#include <span>
#include <string_view>

#include "warehouse/session.h"

namespace millrace::transform {

struct CompatFunction {
  std::string_view name;       ///< as Snowflake calls it
  std::string_view statement;  ///< CREATE OR REPLACE MACRO …, in schema main
};
std::span<const CompatFunction> snowflake_functions();

/// Makes them all, in one transaction. Errors: those of the engine.
Status make_snowflake_functions(warehouse::Session& session);

}  // namespace millrace::transform
