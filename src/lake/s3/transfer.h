#pragma once
/// \file lake/s3/transfer.h
/// Writing what is too large for one request: in parts, several at a time, all or nothing.

#include <filesystem>
#include <string>

#include "lake/s3/store_core.h"

namespace millrace::lake::s3 {

/// The etag of the object that now holds the bytes of `file`. Memory: upload_part_bytes * upload_connections.
/// Errors: conflict where the file changed meanwhile; those of reading it; unavailable, and nothing is left behind.
Result<std::string> upload_file(Core& core, const std::string& key, const std::filesystem::path& file,
                                const PutOptions& options);

/// The etag of the copy; one request up to copy_limit_bytes. Errors: as Client::copy.
Result<std::string> copy_object(Core& core, const std::string& from, const ObjectHead& source, const std::string& to,
                                const PutOptions& options);

}  // namespace millrace::lake::s3
