#pragma once
/// \file lake/s3/run_program.h
/// A program of the user's own that prints credentials (credential_process).

#include <chrono>
#include <string>
#include <vector>

#include "base/result.h"

namespace millrace::lake::s3 {

/// Runs `arguments` with our environment and no input, and gives its standard output, which is never logged.
/// Its standard error is not read: it may hold secrets as well.
/// Errors: not_found (no such program), unavailable (it failed; it printed more than 1 MiB),
/// deadline_exceeded (it is killed then, with what it has started).
Result<std::string> run_program(const std::vector<std::string>& arguments, std::chrono::milliseconds patience);

}  // namespace millrace::lake::s3
