#pragma once
/// \file app/dry_run.h
/// What a load would say, without loading: the same transaction, in a warehouse in memory that is thrown
/// away afterwards.

#include <filesystem>
#include <memory>
#include <vector>

#include "ingest/load_transaction.h"
#include "ingest/source.h"
#include "lake/object_store.h"

namespace millrace::app {

struct DryRun {
  ingest::FileOutcome outcome;
  std::vector<Reject> rejects;  ///< all that are kept, by line; without their bytes
};

/// The file alone: what other files hold is not asked. Errors: those of reading the file; a file that
/// would be refused is an outcome.
Result<DryRun> dry_run(const ingest::Source& source, lake::ObjectStore& store, const lake::ObjectInfo& object);

/// A file that a user names: the folder around it as a lake, and the object in it.
struct NamedFile {
  std::shared_ptr<lake::ObjectStore> store;  ///< shared by the files of one lake
  lake::ObjectInfo object;
};
/// Errors: not_found where there is no regular file of this name.
Result<NamedFile> open_named_file(const std::filesystem::path& path);

}  // namespace millrace::app
