#pragma once
/// \file transform/run/seed_values.h
/// Single values of a seed, as the typing of seeds reads them. Values come without blanks at their ends.

#include <optional>
#include <string>
#include <string_view>

namespace millrace::transform {

bool seed_null(std::string_view value);  ///< "", blanks, "null" in any case

struct SeedNumber {
  std::string text;       ///< as SQL: "-1200.5"
  bool fraction = false;  ///< 1.50 has one, 1.0 and 2e3 have none
  int width = 32;         ///< bits that an integer needs: 32, 64, 128 or 256; 256 also for NaN and infinities
};
/// "12", "-1,200.50", "$5", "7%", "1e3".
std::optional<SeedNumber> seed_number(std::string_view value);

// The value as an engine reads it, or nothing where it is no such value.
std::optional<std::string> seed_date(std::string_view value);           ///< "2018-7-1" -> "2018-07-01"
std::optional<std::string> seed_timestamp(std::string_view value);      ///< "2018-07-01 9:00:00", no fraction
std::optional<std::string> seed_iso_timestamp(std::string_view value);  ///< "2018-07-01T09:00Z"
std::optional<std::string> seed_boolean(std::string_view value);        ///< "True" -> "true"

}  // namespace millrace::transform
