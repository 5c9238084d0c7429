#pragma once
/// \file app/lake_store.h
/// The project's lake, opened as millrace.yaml names it; needs no warehouse.

#include <memory>

#include "app/config.h"
#include "base/clock.h"
#include "lake/object_store.h"
#include "lake/tiers/local_tiers.h"

namespace millrace::app {

struct OpenedLake {
  std::unique_ptr<lake::ObjectStore> store;
  lake::LocalTiers* tiers = nullptr;  ///< the store itself, where it is a folder; nullptr: it has tiers of its own
};

/// Where files stand while they are packed.
std::filesystem::path spool_of(const Config& config);

/// Errors: not_found where a local lake's folder is missing; those of the store.
Result<OpenedLake> open_lake(const Config& config, const Clock& clock);

}  // namespace millrace::app
