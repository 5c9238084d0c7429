#pragma once
/// \file lake/s3/times.h
/// The two ways in which S3 writes a time.

#include <optional>
#include <string_view>

#include "base/clock.h"

namespace millrace::lake::s3 {

/// "Sun, 22 Nov 2026 12:00:00 GMT", as headers say it. nullopt: it is something else. Source: RFC 9110, section 5.6.7.
std::optional<WallTime> parse_http_date(std::string_view text);

/// "2026-11-22T12:00:00.000Z", as listings say it; the fraction may be missing. nullopt: it is something else.
std::optional<WallTime> parse_listed_time(std::string_view text);

}  // namespace millrace::lake::s3
