#pragma once
/// \file app/plain_project.h
/// A dbt project without a millrace.yaml: built where its profiles.yml says.

#include <memory>
#include <string>

#include "base/result.h"
#include "transform/project/profile.h"
#include "warehouse/session.h"

namespace millrace::app {

/// Does `folder` hold a millrace.yaml? Then warehouse, schemas and endpoints come from there.
bool is_millrace_project(const std::string& folder);

/// The engine of a profile, opened. Threads: as the session.
struct PlainProject {
  transform::Profile profile;
  std::unique_ptr<warehouse::Warehouse> warehouse;
  std::unique_ptr<warehouse::Session> session;  // after the warehouse: freed before it
};

/// Opens the profile's DuckDB file, loads its extensions, sets its settings, attaches its files.
/// Errors: those of opening; unavailable for an extension that this machine has not.
Result<PlainProject> open_plain(transform::Profile profile, bool read_only);

}  // namespace millrace::app
