#pragma once
/// \file lake/s3/admin/desired.h
/// How a bucket shall be, as `lake.security` and `tiers` of millrace.yaml ask for it. The defaults are the safe ones.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "lake/tiers/tiers.h"

namespace millrace::lake::s3::admin {

/// What is ours in a bucket, and the only thing we ever change: ids of rules and notifications begin with the one, the
/// Sid of a statement with the other (IAM knows no '-' in a Sid).
inline constexpr std::string_view kIdPrefix = "millrace-";
inline constexpr std::string_view kSidPrefix = "Millrace";

enum class Encryption : std::uint8_t { leave, sse_s3, kms };

struct ObjectLock {
  bool compliance = false;  ///< nobody can shorten it, the account's root neither; else governance
  Days days{1};
};

/// A switch that is off means: left as it is. Nothing here ever makes a bucket less safe.
struct Security {
  bool versioning = true;
  Days keep_versions{30};  ///< overwritten and deleted objects can be brought back for so long
  Encryption encryption = Encryption::sse_s3;
  std::string kms_key = {};                ///< ARN; with Encryption::kms
  bool require_encryption_header = false;  ///< refuse writers that do not name the encryption
  bool block_public_access = true;
  bool owner_enforced = true;  ///< access lists off: every object belongs to the bucket's owner
  bool tls_only = true;        ///< refuse plain http, and TLS older than 1.2
  std::optional<ObjectLock> object_lock = {};
  std::string queue = {}, topic = {};  ///< ARNs to tell of new objects; ""
};

struct Desired {
  Security security;
  Tiers tiers;
  std::string bucket;
  std::string prefix;                            ///< of the lake in the bucket: "" or "a/b/"
  std::vector<std::string> landing{"landing/"};  ///< folders below the prefix where files arrive, each with its '/'
  std::string partition = "aws";                 ///< of ARNs: aws-cn in China

  [[nodiscard]] std::string bucket_arn() const { return "arn:" + partition + ":s3:::" + bucket; }
};

/// What cannot work, before anything is sent: an order of tiers that AWS refuses, a key that is no ARN, a lock without
/// versioning. `aws`: an endpoint of AWS, whose limits other servers do not have. Errors: invalid_input.
Status check(const Desired& desired, bool aws);

/// "aws-cn" for "cn-north-1".
std::string partition_of(std::string_view region);

}  // namespace millrace::lake::s3::admin
