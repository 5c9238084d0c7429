#include "app/lake_store.h"

#include <utility>

#include "lake/local/local_store.h"

namespace millrace::app {

std::filesystem::path spool_of(const Config& config) { return config.folder / ".millrace/spool"; }

Result<OpenedLake> open_lake(const Config& config, const Clock& clock) {
  MR_TRY(auto folder, lake::open_local_store(config.lake));
  OpenedLake out;
  auto tiered = lake::with_local_tiers(std::move(folder), spool_of(config), clock);
  out.tiers = tiered.get();
  out.store = std::move(tiered);
  return out;
}

}  // namespace millrace::app
