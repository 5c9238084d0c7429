#pragma once
/// \file base/failpoint.h
/// Named places where a test can make the process die, fail or wait. Every write, rename,
/// commit and remote call passes one. They stay in release builds: an idle one is one load.
///
/// MILLRACE_FAILPOINTS="ingest.commit.before=kill@2;archive.link.before=error"
///   kill    SIGKILL to ourselves: no destructor, no flush, as a power cut would
///   error   the call returns `unavailable`
///   sleep:N waits N milliseconds, then goes on
///   @K      only at the K-th passing (1 = first); without it at every passing
///   @K+     at the K-th passing and all that follow: a fault that stays until the process ends
/// MILLRACE_FAILPOINT_LOG=FILE appends the name of every point passed, one per line.

#include <string>
#include <string_view>

#include "base/result.h"

namespace millrace::failpoint {

/// Passes the point `name`. Errors: unavailable, where a test asked for it. Threads: any.
Status pass(std::string_view name);

/// Replaces what the environment asked for; an empty text switches all points off.
/// Errors: invalid_input, with the piece that does not parse.
Status configure(std::string_view text, std::string log_path = {});

}  // namespace millrace::failpoint

/// MR_FAILPOINT("ingest.commit.before"): returns the injected error to our caller.
#define MR_FAILPOINT(name) MR_CHECK(::millrace::failpoint::pass(name))
