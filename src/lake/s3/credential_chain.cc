#include <fmt/format.h>

#include <utility>

#include "base/words.h"
#include "lake/s3/aws_files.h"
#include "lake/s3/credential_links.h"

namespace millrace::lake::s3 {
namespace {

Result<Credentials> ask_all(const Surroundings& around, const ChainOptions& options) {
  using Ask = std::function<Result<Found>()>;
  std::vector<Ask> links;
  const bool explicit_profile = !options.profile.empty();
  if (!explicit_profile) links.emplace_back([&] { return from_environment(around); });
  links.emplace_back([&] { return from_profile(around, options); });
  if (!explicit_profile) {
    links.emplace_back([&] { return from_web_identity(around, options); });
    links.emplace_back([&] { return from_container(around); });
    links.emplace_back([&] { return from_instance(around); });
  }
  std::vector<std::string> tried;
  for (const Ask& ask : links) {
    MR_TRY(Found found, ask());
    if (found.credentials) return *std::move(found.credentials);
    tried.push_back(std::move(found.why_not));
  }
  return Error{ErrorKind::not_found,
               fmt::format("no AWS credentials were found: {}", join(tried, "; ")),
               explicit_profile ? "give the profile keys, a role with a source, or a credential_process"
                                : "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile",
               {}};
}

}  // namespace

Result<Found> from_environment(const Surroundings& around) {
  const auto id = around.environment("AWS_ACCESS_KEY_ID");
  auto secret = around.environment("AWS_SECRET_ACCESS_KEY");
  if (!id && !secret) return Found{{}, "the environment has no AWS_ACCESS_KEY_ID"};
  if (!id || !secret) {
    return Error{
        ErrorKind::invalid_input,
        fmt::format("{} is set in the environment, {} is not", id ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY",
                    id ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID"),
        "set both, or neither",
        {}};
  }
  Credentials credentials{*id, Secret(*std::move(secret)), {}, {}, "the environment"};
  if (auto token = around.environment("AWS_SESSION_TOKEN")) credentials.session_token = Secret(*std::move(token));
  if (const auto expiration = around.environment("AWS_CREDENTIAL_EXPIRATION")) {
    credentials.expires = parse_expiration(*expiration);
    if (!credentials.expires) {
      return Error{ErrorKind::invalid_input,
                   "AWS_CREDENTIAL_EXPIRATION is no time",
                   "write it as 2026-11-22T12:00:00Z, or unset it",
                   {}};
    }
  }
  return Found{std::move(credentials), {}};
}

std::unique_ptr<CredentialProvider> default_chain(Surroundings around, ChainOptions options) {
  const Clock& clock = *around.clock;
  return renewed([around = std::move(around), options = std::move(options)] { return ask_all(around, options); },
                 clock);
}

std::string configured_region(const Surroundings& around, const std::string& profile) {
  for (const char* name : {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
    if (auto region = around.environment(name)) return *region;
  }
  const auto profiles = Profiles::load(around);
  if (!profiles) return {};  // whoever needs credentials reports it
  const std::string name = profile.empty() ? around.environment("AWS_PROFILE").value_or("default") : profile;
  const Settings* settings = profiles->find(name);
  return settings == nullptr ? "" : setting(*settings, "region");
}

}  // namespace millrace::lake::s3
