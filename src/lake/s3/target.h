#pragma once
/// \file lake/s3/target.h
/// Where a request goes, before anything is encoded, so that what is signed and what is sent come from one text.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace millrace::lake::s3 {

/// Names and values as bytes; a sub-resource ("?lifecycle") has an empty value.
using Query = std::vector<std::pair<std::string, std::string>>;

struct Target {
  std::string scheme = "https";
  std::string host;        ///< as the Host header says it: with the port only where it is not the scheme's own
  std::string path = "/";  ///< bytes, not encoded, with the leading '/': "/bucket/a b"
  Query query = {};
};

/// Everything but A-Z a-z 0-9 - . _ ~ as %XX.
std::string uri_encoded(std::string_view bytes);
/// As uri_encoded, but '/' stays. Nothing is folded: "a/../b" and "a//b" remain what they are.
std::string encoded_path(std::string_view path);
/// Encoded, then sorted by name and value, always "name=value".
std::string canonical_query(const Query& query);
/// What is sent: scheme://host/path?query, with the query in canonical form.
std::string url_of(const Target& target);

}  // namespace millrace::lake::s3
