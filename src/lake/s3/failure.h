#pragma once
/// \file lake/s3/failure.h
/// What an answer that refuses says, and what helps: the only place that maps codes of S3 to kinds of errors.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "net/http.h"

namespace millrace::lake::s3 {

/// An <Error> of S3. Everything in it was written by somebody else.
struct Failure {
  int status = 0;
  std::string code;        ///< "NoSuchKey"; where the answer has no body, a word for the status; "": no failure
  std::string message;     ///< cleaned
  std::string region;      ///< where the bucket really is, if the answer says so
  std::string request_id;  ///< x-amz-request-id; may be empty
};

/// Reads status, headers and body of an answer. `error_in_200`: look for an <Error> in a good one, too. `secrets`: what
/// must not be repeated in its message.
Failure failure_of(const net::HttpResponse& answer, bool error_in_200, const std::vector<std::string>& secrets = {});

/// What to do before the same call may succeed.
enum class Remedy : std::uint8_t {
  none,             ///< nothing helps
  wait,             ///< a trouble of the moment
  slow_down,        ///< the server asks for less
  new_credentials,  ///< the present ones are refused as old
  server_time,      ///< our clock is wrong
  other_region,     ///< the bucket is elsewhere
};
Remedy remedy_of(const Failure& failure);

/// May the call have had its effect although the answer is a failure?
bool may_have_acted(const Failure& failure);

ErrorKind kind_of(const Failure& failure);
/// The next step for a person; "" where there is none.
std::string hint_of(const Failure& failure);

/// Foreign text for a message: at most `most` bytes of valid UTF-8 without control characters, without access key
/// ids, and without any of `secrets`.
std::string cleaned(std::string_view text, const std::vector<std::string>& secrets = {}, std::size_t most = 300);

}  // namespace millrace::lake::s3
