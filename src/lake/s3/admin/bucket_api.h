#pragma once
/// \file lake/s3/admin/bucket_api.h
/// A bucket's configuration as documents, each under the name of its sub-resource.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "lake/s3/admin/setting.h"

namespace millrace::lake::s3::admin {

/// Threads: one thread at a time.
class BucketApi {
 public:
  virtual ~BucketApi() = default;
  /// nullopt: not set. Errors: unsupported where the server does not know the sub-resource and its answer is no
  /// document with one of the `roots`; permission_denied.
  virtual Result<std::optional<std::string>> get(const std::string& sub, const std::vector<std::string>& roots) = 0;
  /// Replaces the whole document. That the server says yes does not mean that it keeps it.
  virtual Status put(const std::string& sub, std::string_view document) = 0;
  /// Only on AWS; elsewhere DELETE of an unknown sub-resource takes the bucket. Errors: unsupported.
  virtual Status remove(const std::string& sub) = 0;
  [[nodiscard]] virtual Server server() const = 0;
};

}  // namespace millrace::lake::s3::admin
