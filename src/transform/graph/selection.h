#pragma once
/// \file transform/graph/selection.h
/// dbt's grammar for choosing nodes: "+orders", "2+a+3", "@a", "tag:nightly,path:models/gold", "source:raw.*+".
/// Source: docs.getdbt.com/reference/node-selection/syntax, contracts/dbt.md section 5 "Selection".

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "transform/graph/graph.h"

namespace millrace::transform {

enum class Indirect : std::uint8_t { eager, cautious, buildable, empty };  ///< when a test follows its parents

struct SelectionRequest {
  std::vector<std::string> select;  ///< each may hold several tokens, separated by blanks; none: everything
  std::vector<std::string> exclude;
  std::vector<std::string> resource_types;  ///< --resource-type; none: all that the command works on
  Indirect indirect = Indirect::eager;
};

struct Selection {
  std::vector<NodeId> nodes;          ///< enabled ones, in the graph's order
  std::vector<std::string> warnings;  ///< "The selection criterion 'x' does not match any enabled nodes"
};

/// Errors: invalid_input for a token that the grammar has not, with a caret and the nearest method name.
Result<Selection> select(const Project& project, const Graph& graph, const SelectionRequest& request);

/// Only the syntax: for the fuzzer. Errors: invalid_input.
Status check_selector(std::string_view text);

}  // namespace millrace::transform
