#pragma once
/// \file serve/target.h
/// What a request asks for, read strictly: a mistake is an answer that names it, never a guess.
/// Source: RFC 3986 (percent-encoding), WHATWG URL (a plus in a query is a blank).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "serve/problem.h"

namespace millrace::serve {

/// "/orders/?limit=5" cut at the first question mark. Borrows the target.
struct Target {
  std::string_view path;
  std::string_view query;
};
Target split_target(std::string_view target);

/// nullopt: a percent sign without two hexadecimal digits, or not UTF-8 once decoded.
std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_blank);

/// Which rows of a collection.
struct PageRange {
  static constexpr std::int64_t kMostRows = 10'000;
  std::int64_t limit = 100;  ///< 0 to kMostRows
  std::int64_t offset = 0;   ///< 0 or more; may lie beyond the end
};

/// limit and offset, each at the most once. An unknown name is refused with the nearest known one.
std::variant<PageRange, Problem> read_page_range(std::string_view query);

/// The problem of any parameter where none is known; nullopt where there is none.
std::optional<Problem> refuse_parameters(std::string_view query);

}  // namespace millrace::serve
