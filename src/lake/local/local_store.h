#pragma once
/// \file lake/local/local_store.h
/// A lake in a folder. Keys are paths below it; nothing outside can be reached, links are not
/// followed, and only regular files are objects.

#include <filesystem>
#include <memory>

#include "lake/object_store.h"

namespace millrace::lake {

/// Creates nothing. Failpoints: lake.move.*, lake.put.* Errors: not_found where `root` is no folder.
Result<std::unique_ptr<ObjectStore>> open_local_store(const std::filesystem::path& root);

/// inotify on `folders` below the lake and on their subfolders. Where the kernel refuses (limits),
/// the hint only ever waits its time out: the listing stays the truth.
std::unique_ptr<ChangeHint> watch_local_folders(std::vector<std::filesystem::path> folders);

}  // namespace millrace::lake
