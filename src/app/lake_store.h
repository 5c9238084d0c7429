#pragma once
/// \file app/lake_store.h
/// The project's lake, opened as millrace.yaml names it; needs no warehouse. The only place that knows which one.

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

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

/// The folder of a lake that is one. `what` needs it: "millrace sample". Errors: unsupported, saying what to do.
Result<std::filesystem::path> lake_folder(const Config& config, std::string_view what, std::string hint);

/// Where files of the sources land, one for each source: paths, which are made where missing, or s3:// addresses.
std::vector<std::string> landing_places(const Config& config);

}  // namespace millrace::app
