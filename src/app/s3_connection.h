#pragma once
/// \file app/s3_connection.h
/// What every call to the lake's S3 service, its queue and its STS is made with.

#include <memory>

#include "app/config_lake.h"
#include "lake/s3/client.h"
#include "lake/s3/credentials.h"
#include "lake/s3/s3_store.h"
#include "net/http.h"
#include "net/retry.h"

namespace millrace::app {

/// Threads: safe to share.
class S3Connection {
 public:
  /// Asks nothing of the server. Errors: invalid_input where the certificates cannot be read.
  static Result<std::shared_ptr<S3Connection>> make(const S3LakeConfig& config, const Clock& clock);

  [[nodiscard]] lake::s3::ClientParts parts();
  [[nodiscard]] lake::s3::EndpointOptions endpoint() const;
  [[nodiscard]] const std::string& region() const { return region_; }
  [[nodiscard]] net::HttpTransport& transport() { return *transport_; }
  [[nodiscard]] lake::s3::CredentialProvider& credentials() { return role_ ? *role_ : *found_; }

 private:
  S3Connection(const S3LakeConfig& config, const Clock& clock) : config_(config), clock_(&clock) {}
  S3LakeConfig config_;
  const Clock* clock_;  // borrows
  std::string region_;
  std::unique_ptr<net::HttpTransport> transport_;
  net::RetryBudget budget_;
  std::unique_ptr<lake::s3::CredentialProvider> found_;
  std::unique_ptr<lake::s3::CredentialProvider> role_;  // null where no role is taken on
};

/// The lake itself. Errors: those of make and of open_s3_store.
Result<std::unique_ptr<lake::ObjectStore>> open_s3_lake(const LakeConfig& config, const Clock& clock);

}  // namespace millrace::app
