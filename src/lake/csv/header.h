#pragma once
/// \file lake/csv/header.h
/// The first line of a file against the contract: columns are found by name, never by position.

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "contract/contract.h"
#include "lake/csv/record.h"

namespace millrace::lake::csv {

struct Header {
  std::vector<std::string> names;            ///< as written, in file order
  std::vector<std::size_t> field_of_column;  ///< for each column of the contract, its field
  std::size_t bytes = 0;                     ///< of the file's head, with byte order mark and line end
  std::int64_t lines = 0;
};

/// No header: the file has no record at all.
using HeaderOrReject = std::variant<std::monostate, Header, FileReject>;

/// `head`: the file's first bytes, the whole file where it is short. kPadding is not needed.
HeaderOrReject read_header(std::string_view head, bool whole_file, const Contract& contract, const Dialect& dialect);

}  // namespace millrace::lake::csv
