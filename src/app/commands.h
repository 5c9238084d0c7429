#pragma once
/// \file app/commands.h
/// The commands of the binary, one function each. A command gives its exit code: 0 fine, 1 data or
/// tests failed, 2 usage or anything unexpected.

#include <cstdint>
#include <string>
#include <vector>

#include "app/reporter.h"
#include "ingest/quarantine.h"

namespace millrace::app {

/// What every command understands.
struct CommonOptions {
  std::string project = ".";
  bool json = false;
  bool rebuild = false;  ///< load and up only: the warehouse is set aside, and a new one is loaded from processed/
  bool wait = false;     ///< load only: until each source has had a file, at most for its sensor's timeout
};

struct SampleArguments {
  std::int64_t rows = 10'000;
  int files = 1;
  std::uint64_t seed = 1;
  double defects = 0.002;
  std::string out;  ///< a folder; "" for the landing folder of the project's first source
};

struct ContractInitArguments {
  std::vector<std::string> files;
  std::string name;  ///< of the contract; "" for the first file's
  std::string out;   ///< a file to write; "" for stdout
};

struct ContractVerifyArguments {
  std::vector<std::string> files;  ///< none: those that wait in the landing folder
  std::string source;              ///< "" for the project's only one
  std::string contract;            ///< a file; "" for the source's own
  std::string delimiter;           ///< "" for the source's own
};

struct ContractDiffArguments {
  std::string contract;  ///< the new one
  std::string source;    ///< "" for the project's only one
  int days = 30;
};

/// Which quarantined rows, and what is to be done with them.
struct QuarantineArguments {
  ingest::QuarantineFilter filter;
  std::string row;             ///< show: "FILE:LINE"
  std::int64_t limit = 100;    ///< list: most rows; 0: all
  bool summary = false;        ///< list: counts by file and code
  bool discarded = false;      ///< the discarded rows, instead of the open ones
  bool yes = false;            ///< discard: really
  std::string format = "csv";  ///< export: csv or ndjson
  std::string out;             ///< export: a file; "" for stdout
  bool raw = false;            ///< export: CSV cells as they are, though a spreadsheet may run them
};

struct UnloadArguments {
  std::string file;
  bool undo = false;
};

struct TraceArguments {
  std::string source;
  std::vector<std::string> key;
};

int run_quarantine_list(const CommonOptions& common, const QuarantineArguments& arguments);
int run_quarantine_show(const CommonOptions& common, const QuarantineArguments& arguments);
int run_quarantine_export(const CommonOptions& common, const QuarantineArguments& arguments);
int run_quarantine_replay(const CommonOptions& common, const QuarantineArguments& arguments);
int run_quarantine_discard(const CommonOptions& common, const QuarantineArguments& arguments);
int run_unload(const CommonOptions& common, const UnloadArguments& arguments);
int run_trace(const CommonOptions& common, const TraceArguments& arguments);
int run_init(const std::string& folder);
int run_sample(const CommonOptions& common, const SampleArguments& arguments);
int run_load(const CommonOptions& common);
int run_serve(const CommonOptions& common, const std::string& listen);
int run_up(const CommonOptions& common, const std::string& listen);
int run_doctor(const CommonOptions& common);
/// Explains one code, or lists all where `code` is empty.
int run_explain(const std::string& code, bool as_json);
int run_contract_init(const CommonOptions& common, const ContractInitArguments& arguments);
int run_contract_verify(const CommonOptions& common, const ContractVerifyArguments& arguments);
int run_contract_diff(const CommonOptions& common, const ContractDiffArguments& arguments);
int run_read_parquet(int parent);              ///< for ourselves: see commands/read_parquet.cc
int run_reference(const std::string& folder);  ///< writes docs/reference
std::string version_text();
/// Tells the error, on stderr or as a JSON document on stdout, and gives the exit code.
int finish_with(const CommonOptions& common, const Error& error);

}  // namespace millrace::app
