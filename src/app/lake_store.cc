#include "app/lake_store.h"

#include "lake/local/local_store.h"

namespace millrace::app {

Result<std::unique_ptr<lake::ObjectStore>> open_lake(const Config& config, const Clock&) {
  return lake::open_local_store(config.lake);
}

}  // namespace millrace::app
