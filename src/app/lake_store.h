#pragma once
/// \file app/lake_store.h
/// The project's lake, opened as millrace.yaml names it; needs no warehouse.

#include <memory>

#include "app/config.h"
#include "base/clock.h"
#include "lake/object_store.h"

namespace millrace::app {

/// Errors: not_found where a local lake's folder is missing; those of the store.
Result<std::unique_ptr<lake::ObjectStore>> open_lake(const Config& config, const Clock& clock);

}  // namespace millrace::app
