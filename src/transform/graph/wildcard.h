#pragma once
/// \file transform/graph/wildcard.h
/// Shell patterns over names, as dbt's selection has them.

#include <string_view>

namespace millrace::transform {

bool has_wildcard(std::string_view pattern);  ///< any of * ? [
/// `*` any text, `?` one character, `[abc]` and `[!a-z]` one of a set. The whole text must fit.
bool fits(std::string_view pattern, std::string_view text);

}  // namespace millrace::transform
