#pragma once
/// \file app/commands/doctor_lake.h
/// What `doctor` asks of the lake: can it be listed, read, written; do its clock and ours agree.

#include <string>

#include "app/config.h"
#include "base/clock.h"

namespace millrace::app {

/// What was found, or the error that is wrong.
Result<std::string> check_lake(const Config& config);

/// Requires: a lake on S3. Signatures are refused where the clocks are 15 minutes apart.
Result<std::string> check_lake_clock(const Config& config, const Clock& clock);

}  // namespace millrace::app
