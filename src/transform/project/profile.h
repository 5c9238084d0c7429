#pragma once
/// \file transform/project/profile.h
/// profiles.yml: where a plain dbt project is built when no millrace.yaml says so.

#include <optional>
#include <string>

#include "base/result.h"
#include "transform/project/project.h"

namespace millrace::transform {

struct ProfileRequest {
  std::string project_folder;
  std::string profile;       ///< --profile; "" for the one that dbt_project.yml names
  std::string target;        ///< --target; "" for the profile's own
  std::string profiles_dir;  ///< --profiles-dir; "" for DBT_PROFILES_DIR, the project, the working folder, ~/.dbt
};

struct Profile {
  std::string file;                                           ///< the profiles.yml that was read
  std::string type;                                           ///< "duckdb"
  std::string path;                                           ///< duckdb: the file, absolute; ":memory:"
  Target target;                                              ///< without dialect: who opens the engine sets it
  std::vector<std::string> extensions;                        ///< duckdb: to load
  std::vector<std::pair<std::string, std::string>> settings;  ///< duckdb: SET name = value
  struct Attached {
    std::string path, alias, type;
    bool read_only = false;
  };
  std::vector<Attached> attach;
};

/// Finds and reads it; Jinja in it (env_var) is rendered. Errors: not_found with where was looked; invalid_input at
/// its place; unsupported for engines that are not there yet.
Result<Profile> read_profile(const ProfileRequest& request, const Invocation& invocation);

}  // namespace millrace::transform
