#pragma once
/// \file app/config_lake.h
/// The section `lake`: a folder, or a bucket of an S3 service, and who tells of new objects.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/yaml.h"
#include "lake/s3/admin/desired.h"

namespace millrace::app {

/// A bucket. Credentials are not part of it: they come from the environment, profiles or roles.
struct S3LakeConfig {
  std::string bucket, prefix;                  ///< prefix: "" or "a/b/"
  std::string region, endpoint;                ///< "" where they are to be found out
  std::optional<bool> path_style;              ///< nullopt: as the endpoint asks for
  std::filesystem::path ca_file;               ///< absolute; "" for the system's
  std::string profile, role_arn, external_id;  ///< "" where there is none
  unsigned connections = 0;                    ///< at once for one large object
  std::uint64_t part_size_bytes = 0;
};

/// Who says that objects have come. A hint only: the listing stays the truth.
struct LakeEventsConfig {
  std::string http;   ///< "127.0.0.1:9000"; "" for none
  std::string token;  ///< a reference: "env:NAME"
  std::string sqs;    ///< the queue's URL; "" for none
};

struct LakeConfig {
  std::string url;               ///< as messages show it: an absolute path, or "s3://bucket/prefix"
  std::filesystem::path folder;  ///< absolute; "" where the lake is no folder
  std::optional<S3LakeConfig> s3;
  lake::s3::admin::Security security;  ///< of the bucket; without one it says nothing
  LakeEventsConfig events;
};

/// Reads the section; `project` is the folder that paths are relative to.
/// Errors: invalid_input at file:line:column, also for a secret that stands there; unsupported for other services.
Result<LakeConfig> read_lake(yaml::Fields& root, const std::filesystem::path& project);

}  // namespace millrace::app
