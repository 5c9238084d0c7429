#pragma once
/// \file app/config_security.h
/// lake.security: how the lake's bucket shall be set.

#include "base/result.h"
#include "base/yaml.h"
#include "lake/s3/admin/desired.h"

namespace millrace::app {

/// Reads the section `security` of `lake`; without it the safe defaults. Errors: invalid_input at file:line:column.
Result<lake::s3::admin::Security> read_security(yaml::Fields& lake);

}  // namespace millrace::app
