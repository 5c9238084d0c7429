#pragma once
/// \file app/reporter.h
/// What the user sees of a run: a few calm lines, or JSON. Results go to stdout, talk to stderr.

#include <cstdio>
#include <memory>
#include <mutex>
#include <string>

#include "schedule/pipeline.h"

namespace millrace::app {

enum class Output : std::uint8_t { lines, json_document, json_lines };

/// Threads: one thread at a time, but on_progress from any.
class Reporter : public schedule::Observer {
 public:
  virtual void on_serving(const std::string& address, const std::vector<std::string>& paths) = 0;
  virtual void say(const std::string& text) = 0;  ///< talk; nothing in JSON
  /// The end of a command; a JSON document is written now. Gives the exit code: 0 fine, 1 data or
  /// tests failed, 2 anything else.
  virtual int finish(const Status& status) = 0;
};

/// `out` gets results, `talk` the rest. Progress is shown where `talk` is a terminal.
std::unique_ptr<Reporter> make_reporter(Output output, std::FILE* out, std::FILE* talk);

/// The error for a person, on `talk`: message, where it happened, what to do.
void print_error(std::FILE* talk, const Error& error);

}  // namespace millrace::app
