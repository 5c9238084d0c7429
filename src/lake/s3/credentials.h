#pragma once
/// \file lake/s3/credentials.h
/// Who we are towards AWS and its likes, found where every AWS tool looks, and renewed before it runs out.
/// Source: docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "net/http.h"

namespace millrace::lake::s3 {

struct Credentials {
  std::string access_key_id;  ///< no secret by itself, but only its last four characters go into messages
  Secret secret_access_key{""};
  std::optional<Secret> session_token = {};
  std::optional<WallTime> expires = {};  ///< nullopt: they stay valid
  std::string found_in = {};             ///< for people: "the environment", "profile lake of ~/.aws/config"
};

/// Threads: safe to share.
class CredentialProvider {
 public:
  virtual ~CredentialProvider() = default;

  /// Valid now. Renewed from five minutes before they expire, by one thread while others go on with the old ones;
  /// where that fails they are used until they expire.
  /// Errors: not_found, with the places that were tried; unavailable; permission_denied; invalid_input.
  virtual Result<Credentials> get() = 0;

  /// The server has refused `used` as expired or invalid: the next get() asks again.
  /// A refusal of credentials that are no longer the present ones changes nothing.
  virtual void rejected(const Credentials& used) = 0;
};

/// What the chain sees of the world, so that a test can give it another one.
struct Surroundings {
  /// nullopt: not set. An empty variable counts as not set.
  std::function<std::optional<std::string>(const std::string& name)> environment;
  /// Errors: not_found where there is no such file.
  std::function<Result<std::string>(const std::string& path)> read_file;
  /// Runs a program and gives what it wrote to its standard output. Errors: unavailable, where it failed.
  std::function<Result<std::string>(const std::vector<std::string>& arguments)> run;
  net::HttpTransport* transport = nullptr;  ///< borrows, outlives the provider
  const Clock* clock = nullptr;             ///< borrows, outlives the provider
};

/// Environment, files and programs of this machine. Borrows both.
Surroundings surroundings_of_this_machine(net::HttpTransport& transport, const Clock& clock);

struct ChainOptions {
  std::string profile = {};  ///< explicit: only this profile is asked, not the environment; "": as AWS_PROFILE says
  std::string region = {};   ///< for STS; "": AWS_REGION, AWS_DEFAULT_REGION, the profile's region, us-east-1
  std::string sts_endpoint = {};  ///< "": the region's; else a URL
};

/// The chain in the order of AWS: environment, profile (static, role, web identity, process), web identity of the
/// environment, container, instance metadata (IMDSv2). Nothing is asked before the first get().
std::unique_ptr<CredentialProvider> default_chain(Surroundings around, ChainOptions options = {});

/// Always the same ones.
std::unique_ptr<CredentialProvider> fixed_credentials(Credentials credentials);

/// Renews what `load` returns; the caching part of every link.
std::unique_ptr<CredentialProvider> renewed(std::function<Result<Credentials>()> load, const Clock& clock);

/// The region as AWS tools find it: AWS_REGION, AWS_DEFAULT_REGION, then the profile. "": none is set.
std::string configured_region(const Surroundings& around, const std::string& profile = {});

/// An access key id for a message: "…MPLE".
std::string shown_key_id(const std::string& access_key_id);

}  // namespace millrace::lake::s3
