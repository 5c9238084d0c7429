#pragma once
/// \file transform/run/seed_types.h
/// What type a seed's column has: the first of a fixed list that all of its values fit.
/// Source: contracts/dbt.md section 5 "Seeds".

#include <cstdint>
#include <string_view>
#include <vector>

#include "transform/run/text_rows.h"

namespace millrace::transform {

enum class SeedType : std::uint8_t {
  integer,  ///< numbers without a fraction (1.0 is one), and columns without any value
  bigint,   ///< alike, some beyond 32 bits; never with `strict`: dbt says integer, and the engine then refuses
  huge,     ///< alike, beyond 64 bits
  real,
  date,       ///< 2018-07-12
  timestamp,  ///< 2018-07-12 10:00:00, or ISO 8601 with a T; all in the same way
  boolean,    ///< true and false in any case
  text,
};

/// Decides for one column, and writes its values as an engine reads them: "" and "null" in any case become NULL,
/// "$1,200" is 1200, dates and times get all of their digits. `forced_text`: another type is declared for it, only
/// NULLs are made.
SeedType settle_seed_column(TextRows& rows, std::size_t column, bool forced_text, bool strict);

}  // namespace millrace::transform
