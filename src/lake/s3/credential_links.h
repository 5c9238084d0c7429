#pragma once
/// \file lake/s3/credential_links.h
/// The places where credentials are looked for, one function each. Used by the chain and its tests.
/// nullopt: the place is not in use here, ask the next one. An error ends the search: what somebody has set up on
/// purpose and what does not work must not be passed over in silence.

#include <optional>
#include <string>

#include "lake/s3/credentials.h"

namespace millrace::lake::s3 {

/// Credentials, or why this place has none ("AWS_ACCESS_KEY_ID is not set").
struct Found {
  std::optional<Credentials> credentials;
  std::string why_not;
};

Result<Found> from_environment(const Surroundings& around);

}  // namespace millrace::lake::s3
