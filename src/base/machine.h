#pragma once
/// \file base/machine.h
/// What the machine, or the container around us, has to give: memory and disk.

#include <cstdint>
#include <filesystem>

#include "base/result.h"

namespace millrace {

/// Bytes that an ordinary user may still write to the file system of `path`.
/// Errors: those of the system call; the message names the path.
Result<std::uint64_t> free_bytes_at(const std::filesystem::path& path);

/// Where the kernel tells of itself. Tests have folders of their own.
struct KernelFiles {
  std::filesystem::path proc = "/proc", cgroup = "/sys/fs/cgroup";
};

/// The memory that this process may use: the machine's, or less where a control group of version 1
/// or 2 around us, or one around that, sets a limit. What cannot be read sets none.
/// 0: not even the machine's memory can be read.
std::uint64_t usable_memory_bytes(const KernelFiles& kernel = {});

}  // namespace millrace
