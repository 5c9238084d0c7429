#pragma once
/// \file app/sample.h
/// `millrace sample`: order files to try the pipeline on, of any size, clean or broken in
/// known ways. The report says what was broken, so that a load can be checked against it.

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"

namespace millrace::app {

struct SampleOptions {
  std::int64_t rows = 1000;  ///< over all files together; 0: headers only
  int files = 1;             ///< at most one per row
  std::uint64_t seed = 1;
  double defect_rate = 0.0;  ///< share of broken rows, 0 to 1
  std::filesystem::path folder;
  std::string prefix = "orders";  ///< of the file names: "orders-0001.csv"
};

struct SampleReport {
  std::vector<std::string> files;               ///< names in the folder, in the order of their rows
  std::int64_t rows = 0;                        ///< data records written, good ones and broken ones
  std::map<std::string, std::int64_t> defects;  ///< by kind name; kinds that do not appear are left out
  std::uint64_t bytes = 0;
};

/// Writes `files` CSV files of orders, each with a header and about rows / files rows, into the folder.
/// The same options give the same bytes on every machine; another defect rate changes the
/// broken rows only. With a rate above 0, 100 rows or more hold at least one order of 2042 and
/// one status EXPRIED, and every kind of defect appears where rows * rate reaches 3 times their number.
/// Each file appears whole, by a rename; a file of that name is replaced, other files stay. Nothing is
/// synced: the data can be made again. After an error the files finished before it remain.
/// Errors: invalid_input for options that make no sense; not_found without the folder;
/// permission_denied, unavailable from the file system. Failpoint: sample.rename.before.
/// Threads: any, in different folders. Cost: one pass; memory for about one megabyte of text.
Result<SampleReport> write_sample(const SampleOptions& options);

}  // namespace millrace::app
