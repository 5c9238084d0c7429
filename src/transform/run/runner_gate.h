#pragma once
/// \file transform/run/runner_gate.h
/// A whole build as one transaction: visible together, or not at all.

#include "transform/run/node_runner.h"

namespace millrace::transform {

/// Sets committed or refused. Errors: what kept the run as a whole from being done.
Status run_gated(const RunParts& parts, const RunRequest& request, NodeRunner& runner, RunReport& report);

}  // namespace millrace::transform
