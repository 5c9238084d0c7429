#include "app/lake_store.h"

#include <fmt/format.h>

#include <utility>

#include "app/s3_connection.h"
#include "ingest/key_pattern.h"
#include "lake/local/local_store.h"

namespace millrace::app {

std::filesystem::path spool_of(const Config& config) { return config.folder / ".millrace/spool"; }

Result<OpenedLake> open_lake(const Config& config, const Clock& clock) {
  OpenedLake out;
  if (config.lake.s3) {
    MR_TRY(out.store, open_s3_lake(config.lake, clock));
    return out;
  }
  MR_TRY(auto folder, lake::open_local_store(config.lake.folder));
  auto tiered = lake::with_local_tiers(std::move(folder), spool_of(config), clock);
  out.tiers = tiered.get();
  out.store = std::move(tiered);
  return out;
}

Result<std::filesystem::path> lake_folder(const Config& config, std::string_view what, std::string hint) {
  if (!config.lake.folder.empty()) return config.lake.folder;
  return Error{ErrorKind::unsupported,
               fmt::format("{} needs a lake in a folder, and lake.url is {}", what, config.lake.url),
               std::move(hint),
               {}};
}

std::vector<std::string> landing_places(const Config& config) {
  std::vector<std::string> out;
  for (const SourceConfig& s : config.sources) {
    const std::string folder = ingest::literal_folder(s.files);
    if (config.lake.folder.empty()) {
      out.push_back(config.lake.url + folder);
      continue;
    }
    const auto path = (config.lake.folder / folder).lexically_normal();
    std::error_code ignored;  // a folder that cannot be made is told by the listing
    std::filesystem::create_directories(path, ignored);
    out.push_back(path.string());
  }
  return out;
}

}  // namespace millrace::app
