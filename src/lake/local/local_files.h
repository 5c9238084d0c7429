#pragma once
/// \file lake/local/local_files.h
/// The file system calls behind the local store's moves, one promise each.

#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "lake/object_store.h"

namespace millrace::lake {

/// The version is inode, size and change times: any write or rename over it changes it.
ObjectInfo info_of_stat(const struct stat& st, std::string key);

/// Keys that a folder cannot hold as they are are refused, never changed: absolute ones, those with "", "." or ".."
/// between slashes, with NUL, with a part of more than 255 bytes. Errors: invalid_input, which says what is wrong.
Status check_local_key(std::string_view key);

/// Creates `below` under `root`, each new folder durable in its parent.
Status make_folders(const std::filesystem::path& root, const std::filesystem::path& below);

/// What a copy does with a file that already has its name.
enum class Existing : std::uint8_t { refuse, replace };

/// Copies beside the target, syncs, and gives the copy its name only when it is whole. The new name is durable
/// when the folder is synced. Failpoint: lake.copy.before_rename.
Status copy_durably(const std::filesystem::path& from, const std::filesystem::path& to, Existing existing);

/// Makes `to` hold the bytes of `from`, durable, never replacing anything: by a hard link, or by a
/// synced copy where the file system has none. True: it was a link.
Result<bool> link_or_copy(const std::filesystem::path& from, const std::filesystem::path& to);

/// Removes and syncs the folder. Failpoint: lake.move.unlink.before_sync.
Status remove_source(const std::filesystem::path& path);

bool is_same_file(const std::filesystem::path& a, const std::filesystem::path& b);

}  // namespace millrace::lake
