#pragma once
/// \file contract/instant.h
/// Timestamps that are more than a format: zones, offsets, numbers since 1970.

#include <cstdint>
#include <string_view>

#include "contract/contract.h"
#include "contract/reject.h"

namespace millrace {

/// Microseconds of a text of a timestamp or timestamptz column; `none`, or bad_timestamp,
/// unexpected_zone, ambiguous_time.
RejectCode read_instant(const ColumnContract& column, std::string_view text, std::int64_t& micros);

}  // namespace millrace
