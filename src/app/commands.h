#pragma once
/// \file app/commands.h
/// The commands of the binary, one function each. A command gives its exit code: 0 fine, 1 data or
/// tests failed, 2 usage or anything unexpected.

#include <cstdint>
#include <string>

#include "app/reporter.h"

namespace millrace::app {

/// What every command understands.
struct CommonOptions {
  std::string project = ".";
  bool json = false;
};

struct SampleArguments {
  std::int64_t rows = 10'000;
  int files = 1;
  std::uint64_t seed = 1;
  double defects = 0.002;
  std::string out;  ///< a folder; "" for the landing folder of the project's first source
};

int run_init(const std::string& folder);
int run_sample(const CommonOptions& common, const SampleArguments& arguments);
int run_load(const CommonOptions& common);
int run_build(const CommonOptions& common);
int run_test(const CommonOptions& common);
int run_serve(const CommonOptions& common, const std::string& listen);
int run_up(const CommonOptions& common, const std::string& listen);
int run_doctor(const CommonOptions& common);
int run_read_parquet(int parent);              ///< for ourselves: see commands/read_parquet.cc
int run_reference(const std::string& folder);  ///< writes docs/reference
std::string version_text();

}  // namespace millrace::app
