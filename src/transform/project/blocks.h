#pragma once
/// \file transform/project/blocks.h
/// Finds the top-level blocks of a file before Jinja sees it: macro, test, data_test, materialization, snapshot, docs.
/// Comments, texts and raw are skipped; what stands between blocks is nobody's.
/// Source: contracts/dbt.md section 5 "Block extraction".

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace millrace::transform {

struct Block {
  std::string kind;       ///< "macro"
  std::string name;       ///< the word after it: "cents_to_dollars"
  std::string_view text;  ///< from {% macro to the end of {% endmacro %}; of the scanned text
  std::string_view body;  ///< between the two
  int line = 1, column = 1;
};

/// Errors: invalid_input at line:column for a block that does not end, or an end without a block.
Result<std::vector<Block>> scan_blocks(std::string_view text, std::string_view file,
                                       const std::vector<std::string_view>& kinds);

}  // namespace millrace::transform
