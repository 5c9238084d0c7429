#pragma once
/// \file transform/project/source_files.h
/// The files of one package, read whole, by what they are for.

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/sha256.h"
#include "transform/project/project.h"

namespace millrace::transform {

struct SourceFile {
  std::string root;  ///< the path of dbt_project.yml it was found below: "models"
  std::string path;  ///< relative to the package: "models/gold/orders.sql"
  std::string text;
};

/// Each list by path, so that every run sees the same order.
struct SourceFiles {
  std::vector<SourceFile> macros, models, seeds, snapshots, analyses, tests, docs, properties, python;
};

/// Reads them all; name and bytes of each go into `digest`. Hidden files are passed over, links are followed.
/// Errors: those of reading.
Result<SourceFiles> read_source_files(const std::string& folder, const Settings& settings, Sha256& digest);

template <class F>
void for_each_file(const SourceFiles& files, const F& f) {
  for (const auto* list : {&files.macros, &files.models, &files.seeds, &files.snapshots, &files.analyses, &files.tests,
                           &files.docs, &files.properties})
    for (const SourceFile& file : *list) f(file);
}

/// Adds the names that a text asks env_var() for, as far as they are written as texts.
void find_environment_names(std::string_view text, std::set<std::string>& names);

}  // namespace millrace::transform
