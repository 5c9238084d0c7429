#pragma once
/// \file schedule/wait_for_files.h
/// `millrace load --wait`: what Airflow calls a sensor, followed by the load.

#include <stop_token>

#include "lake/object_store.h"
#include "schedule/pipeline.h"

namespace millrace::schedule {

/// Looks and loads until each source has handed on a file, and none is settling any more; a source with soft_fail is
/// told and given up after its `timeout`. Gives how many files were recorded.
/// Errors: deadline_exceeded where a source without soft_fail had no file for its `timeout`; cancelled by `stop`;
/// those of Pipeline::load.
Result<std::int64_t> wait_for_files(Pipeline& pipeline, lake::ChangeHint& hint, std::stop_token stop);

}  // namespace millrace::schedule
