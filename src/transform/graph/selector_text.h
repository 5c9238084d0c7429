#pragma once
/// \file transform/graph/selector_text.h
/// One token of a selection, taken apart: "@", "2+", "tag:", "nightly", "+1".

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace millrace::transform {

struct Criterion {
  std::string text;      ///< as written, for messages
  std::string method;    ///< "fqn", "tag", …; "" where the value alone decides
  std::string argument;  ///< of config.materialized: "materialized"
  std::string value;
  bool childs_parents = false;  ///< @
  bool parents = false, children = false;
  int parents_depth = -1, children_depth = -1;  ///< -1: all
};

/// Errors: invalid_input with a caret.
Result<Criterion> parse_criterion(std::string_view token);
/// "a,b" as its parts; an intersection. Errors: those of parse_criterion.
Result<std::vector<Criterion>> parse_intersection(std::string_view token);
/// Blanks separate tokens.
std::vector<std::string> tokens_of(std::string_view text);

}  // namespace millrace::transform
