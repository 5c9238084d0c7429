#pragma once
/// \file lake/s3/admin/client_api.h
/// The configuration of a real bucket.

#include <memory>

#include "lake/s3/admin/bucket_api.h"
#include "lake/s3/client.h"

namespace millrace::lake::s3::admin {

/// Borrows the client, which outlives it. Failpoints: those of Client::get_config and put_config.
std::unique_ptr<BucketApi> bucket_api_over(Client& client);

}  // namespace millrace::lake::s3::admin
