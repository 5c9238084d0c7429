#pragma once
/// \file app/landlock.h
/// Takes files away from the own process, as far as the kernel can: Landlock.
/// Source: kernel documentation, userspace-api/landlock; landlock(7).

#include <span>

#include "base/result.h"

namespace millrace::app {

/// 0: the kernel has none, or it is switched off.
int landlock_version();

/// From here on this thread and what it starts opens no file but those behind `readable`, and what an engine looks up
/// about the machine (its own entry in /proc, processors, control group, time zones, libraries), for reading. Open
/// descriptors stay. Does nothing where landlock_version() is 0. Requires: no new privileges (prctl). Errors: internal.
Status confine_files(std::span<const int> readable);

}  // namespace millrace::app
