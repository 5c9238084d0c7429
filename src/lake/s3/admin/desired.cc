#include "lake/s3/admin/desired.h"

#include <fmt/format.h>

#include "base/words.h"

namespace millrace::lake::s3::admin {
namespace {

Error wrong(std::string message, std::string hint) {
  return {ErrorKind::invalid_input, std::move(message), std::move(hint), {}};
}

Status check_arn(std::string_view key, std::string_view service, const std::string& arn) {
  if (arn.empty()) return ok();
  const std::size_t colon = arn.find(':', 4);
  if (arn.starts_with("arn:") && colon != std::string::npos && arn.substr(colon + 1).starts_with(service) &&
      arn.find_first_of(" \t\r\n\"\\<>") == std::string::npos)
    return ok();
  return wrong(
      fmt::format("lake.security.{}: found \"{}\", expected an ARN such as arn:aws:{}:…", key, printable(arn), service),
      "the AWS console shows it beside the name");
}

/// Source: docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html
Status check_tiers_on_aws(const Tiers& tiers) {
  constexpr Days kLeastInAccess{30}, kLeastInCold{90};
  if (tiers.warm && *tiers.warm < kLeastInAccess)
    return wrong(fmt::format("tiers.warm: found {}, expected at least 30d: S3 takes nothing younger into STANDARD_IA",
                             to_words(*tiers.warm)),
                 "use 30d, or only cold");
  if (tiers.warm && tiers.cold && *tiers.cold - *tiers.warm < kLeastInAccess)
    return wrong(fmt::format("tiers.cold: {} is less than 30 days after warm, which S3 bills in any case",
                             to_words(*tiers.cold)),
                 "leave 30 days between them");
  if (tiers.cold && tiers.archive && *tiers.archive - *tiers.cold < kLeastInCold)
    return wrong(fmt::format("tiers.archive: {} is less than 90 days after cold, which S3 bills in any case",
                             to_words(*tiers.archive)),
                 "leave 90 days between them");
  return ok();
}

}  // namespace

Status check(const Desired& desired, bool aws) {
  const Security& s = desired.security;
  for (const std::string& name : {desired.prefix, join(desired.landing, "")})
    if (name.find_first_of("*?$<>\"\\") != std::string::npos)
      return wrong(
          fmt::format("lake: the folder \"{}\" has a character that policies take for a pattern", printable(name)),
          "take a folder without any of * ? $ < > \" and backslash");
  MR_CHECK(check_arn("kms_key", "kms:", s.kms_key));
  MR_CHECK(check_arn("notifications.queue", "sqs:", s.queue));
  MR_CHECK(check_arn("notifications.topic", "sns:", s.topic));
  if (!s.kms_key.empty() && s.encryption != Encryption::kms)
    return wrong("lake.security.kms_key: it is only used with encryption: kms", "add that, or take the key out");
  if (s.require_encryption_header && s.encryption == Encryption::leave)
    return wrong("lake.security.require_encryption_header: there is no encryption to require", "set encryption:");
  if (s.object_lock && !s.versioning)
    return wrong("lake.security.object_lock: it needs versioning: true", "a lock protects versions of objects");
  if (s.object_lock && (s.object_lock->days < Days{1} || s.object_lock->days > Days{36'500}))
    return wrong(
        fmt::format("lake.security.object_lock.days: found {}, expected 1 to 36500", s.object_lock->days.count()), {});
  if (s.versioning && s.keep_versions < Days{1})
    return wrong("lake.security.keep_versions: found 0 days, expected at least one", {});
  if (!s.queue.empty() && !s.topic.empty())
    return wrong("lake.security.notifications: found queue and topic, expected one of them",
                 "S3 tells one destination for a folder; let the topic feed the queue");
  return aws ? check_tiers_on_aws(desired.tiers) : ok();
}

std::string partition_of(std::string_view region) {
  if (region.starts_with("cn-")) return "aws-cn";
  if (region.starts_with("us-gov-")) return "aws-us-gov";
  return "aws";
}

}  // namespace millrace::lake::s3::admin
