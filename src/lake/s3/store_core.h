#pragma once
/// \file lake/s3/store_core.h
/// What a store and its readers have in common.

#include "lake/s3/s3_store.h"
#include "lake/s3/workers.h"

namespace millrace::lake::s3 {

/// Threads: safe to share.
struct Core {
  Core(Endpoint endpoint, const S3Options& options)
      : owner(options.owner),
        client(std::move(endpoint), options.parts, options.client),
        limits(options.limits),
        readers(options.limits.connections),
        writers(options.limits.upload_connections) {}
  const std::shared_ptr<const void> owner;  // first: goes last
  Client client;
  const S3Limits limits;
  Workers readers, writers;  // last: they end before the client does
};

}  // namespace millrace::lake::s3
