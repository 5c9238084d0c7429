#pragma once
/// \file app/sandbox.h
/// Takes from the own process what a reader of untrusted bytes does not need. What the machine does not
/// permit (a container may forbid name spaces) is left out; the limits and the closed calls always hold.
/// Source: Linux man pages prctl(2), seccomp(2), setrlimit(2), unshare(2).

#include <cstdint>
#include <string>

#include "base/result.h"

namespace millrace::app {

struct SandboxLimits {
  std::uint64_t address_space_bytes = std::uint64_t{4} << 30;
  std::uint64_t cpu_seconds = 3600;
};

/// For a process that has been started as a child of `parent` and has one thread: it ends with its
/// parent, is deaf to Ctrl-C, has no file but those up to `last_fd`, and from here on no network, no new
/// programs, no files to write, and where the kernel has Landlock no files to open but those that it has beside the
/// standard ones, by their name in /proc/self/fd. Errors: cancelled where the parent is gone; internal.
Status enter_sandbox(int parent, int last_fd, const SandboxLimits& limits);

/// How far this machine lets it go, for a person.
std::string sandbox_in_words();

}  // namespace millrace::app
