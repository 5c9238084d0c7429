#include "app/bucket_wish.h"

#include <fmt/format.h>

#include <algorithm>

namespace millrace::app {

namespace {

/// The first folder of each source's files: what lands below it is what arrives.
Result<std::vector<std::string>> landing_folders(const Config& config) {
  std::vector<std::string> folders;
  for (const SourceConfig& s : config.sources) {
    const std::string folder = s.files.substr(0, s.files.find('/') + 1);
    if (folder.find_first_of("*?[{") != std::string::npos)
      return Error{
          ErrorKind::unsupported,
          fmt::format("sources.{}.files: \"{}\" begins with a pattern, so that a policy would be about any folder",
                      s.name, s.files),
          "let files land below a folder with a name, such as landing/",
          {}};
    if (std::find(folders.begin(), folders.end(), folder) == folders.end()) folders.push_back(folder);
  }
  return folders;
}

}  // namespace

Result<lake::s3::admin::Desired> desired_of(const Config& config, std::string_view what) {
  if (!config.lake.s3)
    return Error{ErrorKind::unsupported,
                 fmt::format("{} needs a lake in a bucket, and lake.url is {}", what, config.lake.url),
                 "a folder has the permissions of its file system; its tiers are kept by `millrace lake tidy`",
                 {}};
  lake::s3::admin::Desired d;
  d.security = config.lake.security;
  d.tiers = config.tiers;
  d.bucket = config.lake.s3->bucket;
  d.prefix = config.lake.s3->prefix;
  MR_TRY(d.landing, landing_folders(config));
  d.partition = lake::s3::admin::partition_of(config.lake.s3->region);
  return d;
}

}  // namespace millrace::app
