#pragma once
/// \file lake/s3/credential_links.h
/// The places where credentials are looked for, one function each. Used by the chain and its tests.
/// A place that is not in use says why, and the next one is asked. An error ends the search: what somebody has set up
/// on purpose and what does not work must not be passed over in silence.

#include <optional>
#include <string>
#include <string_view>

#include "lake/s3/credentials.h"

namespace millrace::lake::s3 {

/// Credentials, or why this place has none ("the environment has no AWS_ACCESS_KEY_ID").
struct Found {
  std::optional<Credentials> credentials;
  std::string why_not;
};

/// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_CREDENTIAL_EXPIRATION.
Result<Found> from_environment(const Surroundings& around);

/// The profile of the options, of AWS_PROFILE, or "default": a role with its source, a web identity, keys, a program.
Result<Found> from_profile(const Surroundings& around, const ChainOptions& options);

/// AWS_ROLE_ARN with AWS_WEB_IDENTITY_TOKEN_FILE.
Result<Found> from_web_identity(const Surroundings& around, const ChainOptions& options);

/// AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI: ECS, EKS pod identity.
Result<Found> from_container(const Surroundings& around);

/// Instance metadata of EC2, version 2. Source:
/// docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
Result<Found> from_instance(const Surroundings& around);

/// A role to take on, as a profile or the environment describes it.
struct Role {
  std::string arn;
  std::string session_name;      ///< "": one of our own
  std::string external_id;       ///< may be empty
  std::string duration_seconds;  ///< "": as STS has it
  std::string token_file;        ///< of a web identity; "" for AssumeRole
  std::string described_in;      ///< for people
};

/// Where STS is asked. `profile_region` may be empty.
struct StsPlace {
  std::string region, url;
};
Result<StsPlace> sts_place(const Surroundings& around, const ChainOptions& options, const std::string& profile_region);

/// Source: docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
Result<Credentials> assume_role(const Surroundings& around, const StsPlace& sts, const Role& role,
                                const Credentials& source);
/// Source: docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
Result<Credentials> assume_role_with_web_identity(const Surroundings& around, const StsPlace& sts, const Role& role);

/// The JSON of a credential process, a container or an instance: AccessKeyId, SecretAccessKey, SessionToken or Token,
/// Expiration. Errors: unavailable, which never quote what was read.
Result<Credentials> parse_credentials_json(std::string_view text, const std::string& found_in);

/// "2026-11-22T12:00:00Z", with a fraction, or with an offset "+01:00". nullopt: it is none.
std::optional<WallTime> parse_expiration(std::string_view text);

}  // namespace millrace::lake::s3
