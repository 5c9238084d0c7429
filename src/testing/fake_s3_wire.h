#pragma once
/// \file testing/fake_s3_wire.h
/// The wire forms of S3, written down a second time, so that a mistake in the client's own is seen.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "net/http.h"

namespace millrace::testing {

/// One request, taken apart.
struct S3Call {
  std::string method, bucket, key;
  std::map<std::string, std::string> query;    ///< decoded
  std::map<std::string, std::string> headers;  ///< names in lower case
  std::string body;
  [[nodiscard]] bool asks(const std::string& name) const { return query.contains(name); }
  [[nodiscard]] std::string parameter(const std::string& name) const;  ///< "" where there is none
  [[nodiscard]] std::string header(const std::string& name) const;     ///< "" where there is none
};

struct S3Answer {
  int status = 200;
  std::map<std::string, std::string> headers = {};
  std::string body = {};
};

/// Takes a request apart: virtual-hosted style where the host's first label is one of `buckets`, else path style.
S3Call s3_call_of(const net::HttpRequest& request, const std::set<std::string>& buckets);

/// Hands an answer over as a transport does: its body to the sink, if that wants it. With `cut_at` the body breaks off
/// there. `response.body` is the whole body.
Result<net::HttpResponse> deliver(net::HttpResponse response, const net::HttpRequest& request, net::BodySink* sink,
                                  std::optional<std::size_t> cut_at = std::nullopt);

/// <Error> with this code, as S3 words it; `more`: elements inside it.
S3Answer s3_error(int status, std::string_view code, std::string_view message = "as the test asks",
                  std::string_view more = {});

std::string s3_encoded(std::string_view text);  ///< percent-encoded, '+' for a blank, as in listings
std::string s3_decoded(std::string_view text);  ///< percent-encoding only
std::string xml_document(std::string_view root, std::string_view inside);
std::string http_date_of(WallTime time);
std::optional<WallTime> wall_time_of_amz_date(std::string_view text);  ///< "20261122T120000Z"
std::string bytes_of_hex(std::string_view hex);

}  // namespace millrace::testing
