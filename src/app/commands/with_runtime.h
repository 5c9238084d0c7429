#pragma once
/// \file app/commands/with_runtime.h
/// A command that opens the project, does its work, and answers with an exit code of its own.

#include "app/commands.h"
#include "app/runtime.h"

namespace millrace::app {

/// `work` gives the exit code. Errors go to stderr, as JSON to stdout where that is asked for.
template <class Work>
int with_runtime(const CommonOptions& common, Work work) {
  const auto reporter = make_reporter(common.json ? Output::json_document : Output::lines, stdout, stderr);
  // What opening finds (files of a cut run) is no part of this command's answer.
  const auto quiet = make_reporter(Output::lines, stderr, stderr);
  auto runtime = Runtime::open(common.project, *quiet);
  if (!runtime) return reporter->finish(std::move(runtime).error());
  const Result<int> code = work(**runtime);
  return code ? *code : reporter->finish(code.error());
}

}  // namespace millrace::app
