#pragma once
/// \file app/bucket_wish.h
/// What millrace.yaml asks of the lake's bucket: `lake.security`, `tiers`, and where the sources' files arrive.

#include <string_view>

#include "app/config.h"
#include "lake/s3/admin/desired.h"

namespace millrace::app {

/// `what` needs a bucket: "lake plan". Errors: unsupported where the lake is a folder, or where files of a source
/// arrive in a folder without a name.
Result<lake::s3::admin::Desired> desired_of(const Config& config, std::string_view what);

}  // namespace millrace::app
