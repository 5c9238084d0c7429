#pragma once
/// \file lake/s3/encoded.h
/// The forms in which S3 wants keys, etags and digests.

#include <string>
#include <string_view>

namespace millrace::lake::s3 {

/// An etag as a condition wants it: some servers list it without quotes, and then compare it with them. "" stays "".
std::string with_quotes(std::string_view etag);

/// The value of Content-MD5: base64 of the digest.
std::string content_md5(std::string_view bytes);

/// The value of x-amz-copy-source.
std::string copy_source(std::string_view bucket, std::string_view key);

/// A key as a listing with encoding-type=url shows it, back to bytes: %XX, and '+' for a blank.
std::string url_decoded(std::string_view text);

}  // namespace millrace::lake::s3
