#pragma once
/// \file lake/s3/s3_store.h
/// A lake in a bucket: "s3://bucket/prefix". Keys are bytes, "../x" is a key like any other; an object appears with all
/// its bytes or not at all. The version of an object is its ETag and the second it was written in.

#include <memory>
#include <string>

#include "lake/object_store.h"
#include "lake/s3/client.h"

namespace millrace::lake {

/// Memory of one reader is at most part_bytes * connections, of one put_file upload_part_bytes * upload_connections;
/// an object that is no larger than part_bytes is read with one request and its own size in memory.
struct S3Limits {
  std::uint64_t part_bytes = 8 << 20;          ///< of a ranged GET
  unsigned connections = 16;                   ///< ranged GETs at the same time
  std::uint64_t upload_part_bytes = 16 << 20;  ///< larger files go up in parts; at least 5 MiB on AWS
  unsigned upload_connections = 4;
  std::uint64_t copy_limit_bytes = 5ULL << 30;  ///< larger objects are copied in parts
  std::uint64_t copy_part_bytes = 512ULL << 20;
  std::uint64_t md5_up_to_bytes = 256ULL << 20;  ///< larger objects are not checked against an MD5 etag, for its time
  int restore_days = 7;                          ///< how long a restored copy stays
  std::string restore_tier = "Standard";         ///< "Bulk", "Expedited"
};

struct S3Options {
  std::string url = {};  ///< "s3://bucket" or "s3://bucket/prefix"
  s3::EndpointOptions endpoint = {};
  s3::ClientParts parts = {};              ///< borrowed; all outlive the store and its readers, see `owner`
  std::shared_ptr<const void> owner = {};  ///< kept as long as the store and its readers: who owns `parts`. May be null
  s3::ClientOptions client = {};
  S3Limits limits = {};
};

/// Asks nothing of the server. Failpoints: lake.s3.*. Errors: invalid_input, unsupported: a bad URL or endpoint.
/// Threads: the store starts up to connections + upload_connections of its own, when there is work for them.
Result<std::unique_ptr<ObjectStore>> open_s3_store(S3Options options);

}  // namespace millrace::lake
