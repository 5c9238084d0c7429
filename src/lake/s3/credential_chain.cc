#include <fmt/format.h>

#include <utility>

#include "base/words.h"
#include "lake/s3/credential_links.h"

namespace millrace::lake::s3 {
namespace {

Result<Credentials> ask_all(const Surroundings& around) {
  std::vector<std::string> tried;
  MR_TRY(Found environment, from_environment(around));
  if (environment.credentials) return *std::move(environment.credentials);
  tried.push_back(std::move(environment.why_not));
  return Error{ErrorKind::not_found,
               fmt::format("no AWS credentials were found: {}", join(tried, "; ")),
               "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile",
               {}};
}

}  // namespace

Result<Found> from_environment(const Surroundings& around) {
  const auto id = around.environment("AWS_ACCESS_KEY_ID");
  const auto secret = around.environment("AWS_SECRET_ACCESS_KEY");
  if (!id && !secret) return Found{{}, "the environment has no AWS_ACCESS_KEY_ID"};
  if (!id || !secret) {
    return Error{
        ErrorKind::invalid_input,
        fmt::format("{} is set in the environment, {} is not", id ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY",
                    id ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID"),
        "set both, or neither",
        {}};
  }
  Credentials credentials{*id, Secret(*secret), {}, {}, "the environment"};
  if (auto token = around.environment("AWS_SESSION_TOKEN")) credentials.session_token = Secret(*std::move(token));
  return Found{std::move(credentials), {}};
}

std::unique_ptr<CredentialProvider> default_chain(Surroundings around, ChainOptions) {
  const Clock& clock = *around.clock;
  return renewed([around = std::move(around)] { return ask_all(around); }, clock);
}

std::string configured_region(const Surroundings& around, const std::string&) {
  for (const char* name : {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
    if (auto region = around.environment(name)) return *region;
  }
  return {};
}

}  // namespace millrace::lake::s3
