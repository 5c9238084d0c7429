#pragma once
/// \file app/progress_bar.h
/// How far a command is, on a terminal; nothing where talk goes to a file or a pipe.

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>

namespace millrace::app {

/// Threads: one thread at a time.
class ProgressBar {
 public:
  /// `of` bytes in all; 0: not known.
  ProgressBar(std::FILE* talk, std::string label, std::uint64_t of);
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  void at(std::uint64_t bytes);
  /// One line of the terminal: "put   [#####     ]  50 %  1.2 GB of 2.4 GB".
  static std::string line(const std::string& label, std::uint64_t bytes, std::uint64_t of);

 private:
  std::FILE* talk_;
  std::string label_;
  std::uint64_t of_;
  bool terminal_, shown_ = false;
  std::chrono::steady_clock::time_point last_{};
};

}  // namespace millrace::app
