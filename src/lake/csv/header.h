#pragma once
/// \file lake/csv/header.h
/// The first line of a file against the contract: columns are found by name, never by position.

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "contract/contract.h"
#include "contract/schema_policy.h"
#include "lake/csv/record.h"

namespace millrace::lake::csv {

struct HeaderWarning {
  RejectCode code = RejectCode::none;
  std::string column, reason;
};

struct Header {
  static constexpr std::size_t kAbsent = static_cast<std::size_t>(-1);

  std::vector<std::string> names;            ///< as written, in file order, without a last empty one
  std::size_t fields = 0;                    ///< of every record; one more than names where all end in a delimiter
  std::vector<std::size_t> field_of_column;  ///< for each column of the contract, its field, or kAbsent
  std::vector<std::string> new_columns;      ///< fields of no column, that the landing table is to have
  std::vector<std::size_t> field_of_new_column;
  std::vector<std::size_t> refused_fields;  ///< fields of no column: a record with a value there is rejected
  std::vector<HeaderWarning> warnings;
  std::size_t bytes = 0;  ///< of the file's head, with byte order mark, skipped lines and line end
  std::int64_t lines = 0;
};

/// No header: the file has no record at all.
using HeaderOrReject = std::variant<std::monostate, Header, FileReject>;

/// `head`: the file's first bytes, the whole file where it is short. kPadding is not needed.
HeaderOrReject read_header(std::string_view head, bool whole_file, const Contract& contract, const Dialect& dialect,
                           const SchemaPolicy& policy = {});

}  // namespace millrace::lake::csv
