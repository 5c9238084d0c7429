#pragma once
/// \file lake/child_process.h
/// A program that reads one file and writes to stdout, watched: it is given nothing but that file, and
/// does not outlive us.

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/result.h"

namespace millrace::lake {

/// Threads: one thread at a time. The destructor kills the program where it still runs.
class ChildProcess {
 public:
  /// Starts `words` with `input` as descriptor `input_as`, in a process group of its own, so that a Ctrl-C
  /// on the terminal is not for it, and with an environment of its own: nothing of ours, with its secrets.
  /// `patience`: how long it may say nothing. Errors: unavailable.
  static Result<ChildProcess> start(const std::vector<std::string>& words, const Fd& input, int input_as,
                                    std::chrono::milliseconds patience);
  ~ChildProcess();
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&&) = delete;

  /// Of its stdout; fills `into` as far as it can, less than asked only at the end.
  /// Errors: deadline_exceeded where it says nothing for too long (it is killed then).
  Result<std::size_t> read(std::span<char> into);

  /// Waits for its end. "": exit code 0; else why not: what it said on stderr, or its signal.
  /// Requires: read() has met the end.
  std::string wait();

 private:
  ChildProcess() = default;
  Status wait_for_bytes();
  void take_complaint();
  void kill();

  pid_t pid_ = -1;  // -1: it has been waited for
  Fd out_, err_;
  bool err_open_ = true;
  std::string complaint_;  // its stderr, the first 4 KiB
  std::chrono::milliseconds patience_{};
};

}  // namespace millrace::lake
