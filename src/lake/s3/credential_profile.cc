#include <fmt/format.h>

#include <set>

#include "base/words.h"
#include "lake/s3/aws_files.h"
#include "lake/s3/credential_links.h"

namespace millrace::lake::s3 {
namespace {

/// Follows one profile to its keys, through the profiles and places it names.
class ProfileReader {
 public:
  ProfileReader(const Surroundings& around, const ChainOptions& options, const Profiles& profiles)
      : around_(around), options_(options), profiles_(profiles) {}

  Result<Found> read(const std::string& name) {
    const Settings* settings = profiles_.find(name);
    if (settings == nullptr) return missing(name);
    const std::string shown = fmt::format("profile {}", name);
    const bool again = !visited_.insert(name).second;
    if (!again && !setting(*settings, "role_arn").empty()) return from_role(name, *settings);
    if (auto sso = refuse_sso(name, *settings); !sso) return std::move(sso).error();
    MR_TRY(Found keys, from_keys(shown, *settings));
    if (keys.credentials) return keys;
    if (again) {
      return invalid(fmt::format("{} names itself as its source", shown),
                     "source_profile must lead to a profile with keys, a program or another source");
    }
    if (const std::string command = setting(*settings, "credential_process"); !command.empty()) {
      return from_process(shown, command);
    }
    return Found{{}, fmt::format("{} has no keys, role or program", shown)};
  }

 private:
  static Error invalid(std::string message, std::string hint) {
    return Error{ErrorKind::invalid_input, std::move(message), std::move(hint), {}};
  }

  [[nodiscard]] Error missing(const std::string& name) const {
    const std::string near = nearest(name, profiles_.names());
    return Error{ErrorKind::not_found,
                 fmt::format("there is no profile {} in {}", printable(name), profiles_.places()),
                 near.empty() ? "name one that exists, or add it" : fmt::format("did you mean {}?", near),
                 {}};
  }

  static Status refuse_sso(const std::string& name, const Settings& settings) {
    for (const char* key : {"sso_session", "sso_start_url", "login_session"}) {
      if (setting(settings, key).empty()) continue;
      return Error{ErrorKind::unsupported,
                   fmt::format("profile {} logs in through a browser ({}), which Millrace does not do", name, key),
                   fmt::format("add a profile with the line: credential_process = aws configure export-credentials "
                               "--profile {} --format process",
                               name),
                   {}};
    }
    return ok();
  }

  static Result<Found> from_keys(const std::string& shown, const Settings& settings) {
    const std::string id = setting(settings, "aws_access_key_id");
    std::string secret = setting(settings, "aws_secret_access_key");
    if (id.empty() && secret.empty()) return Found{{}, fmt::format("{} has no aws_access_key_id", shown)};
    if (id.empty() || secret.empty()) {
      return invalid(fmt::format("{} has {} only", shown, id.empty() ? "aws_secret_access_key" : "aws_access_key_id"),
                     "set both, or neither");
    }
    Credentials credentials{id, Secret(std::move(secret)), {}, {}, shown};
    if (std::string token = setting(settings, "aws_session_token"); !token.empty()) {
      credentials.session_token = Secret(std::move(token));
    }
    return Found{std::move(credentials), {}};
  }

  Result<Found> from_process(const std::string& shown, const std::string& command) const {
    MR_TRY(const auto words, split_command(command));
    if (words.empty()) return invalid(fmt::format("credential_process of {} is empty", shown), "name a program");
    auto text = around_.run(words);
    if (!text) return std::move(text).error().within(fmt::format("credential_process of {}", shown));
    const Secret held(*std::move(text));
    MR_TRY(Credentials credentials,
           parse_credentials_json(held.reveal_to_the_wire(), fmt::format("credential_process of {}", shown)));
    return Found{std::move(credentials), {}};
  }

  Result<Found> from_role(const std::string& name, const Settings& settings) {
    const Role role{setting(settings, "role_arn"),
                    setting(settings, "role_session_name"),
                    setting(settings, "external_id"),
                    setting(settings, "duration_seconds"),
                    setting(settings, "web_identity_token_file"),
                    fmt::format("profile {}", name)};
    MR_TRY(const StsPlace sts, sts_place(around_, options_, setting(settings, "region")));
    if (!role.token_file.empty()) {
      MR_TRY(Credentials credentials, assume_role_with_web_identity(around_, sts, role));
      return Found{std::move(credentials), {}};
    }
    if (!setting(settings, "mfa_serial").empty()) {
      return Error{
          ErrorKind::unsupported,
          fmt::format("profile {} asks for a code of {} (mfa_serial), which nobody can type here", name, "a device"),
          "use a profile without mfa_serial, or a credential_process",
          {}};
    }
    MR_TRY(const Credentials source, source_of(name, settings));
    MR_TRY(Credentials credentials, assume_role(around_, sts, role, source));
    return Found{std::move(credentials), {}};
  }

  Result<Credentials> source_of(const std::string& name, const Settings& settings) {
    const std::string profile = setting(settings, "source_profile"), place = setting(settings, "credential_source");
    if (profile.empty() == place.empty()) {
      return invalid(fmt::format("profile {} has a role_arn with {} source_profile and credential_source", name,
                                 profile.empty() ? "neither" : "both"),
                     "set one of them: it says who takes on the role");
    }
    Result<Found> found = profile.empty() ? from_place(name, place) : read(profile);
    if (!found) return std::move(found).error().within(fmt::format("for the role of profile {}", name));
    if (found->credentials) return *std::move(found->credentials);
    return Error{ErrorKind::not_found,
                 fmt::format("the source of profile {} has no credentials: {}", name, found->why_not),
                 {},
                 {}};
  }

  [[nodiscard]] Result<Found> from_place(const std::string& name, const std::string& place) const {
    if (place == "Environment") return from_environment(around_);
    if (place == "EcsContainer") return from_container(around_);
    if (place == "Ec2InstanceMetadata") return from_instance(around_);
    return invalid(fmt::format("profile {} has credential_source = {}", name, printable(place)),
                   "expected Environment, EcsContainer or Ec2InstanceMetadata");
  }

  const Surroundings& around_;
  const ChainOptions& options_;
  const Profiles& profiles_;
  std::set<std::string> visited_;
};

}  // namespace

Result<Found> from_profile(const Surroundings& around, const ChainOptions& options) {
  MR_TRY(const Profiles profiles, Profiles::load(around));
  std::string name = options.profile;
  if (name.empty()) name = around.environment("AWS_PROFILE").value_or("");
  if (name.empty()) {
    if (profiles.find("default") == nullptr) {
      return Found{{}, fmt::format("there is no profile default in {}", profiles.places())};
    }
    name = "default";
  }
  return ProfileReader(around, options, profiles).read(name);
}

}  // namespace millrace::lake::s3
