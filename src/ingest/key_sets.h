#pragma once
/// \file ingest/key_sets.h
/// Files that belong together: a set is what agrees in the named parts of its keys ({date}), and is complete when
/// each of its patterns has a match.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/key_pattern.h"

namespace millrace::ingest {

/// Threads: safe to share.
class KeySets {
 public:
  /// `patterns` are below `folder`. Errors: invalid_input where one is wrong, or where they name different parts.
  static Result<KeySets> compile(std::string_view folder, std::span<const std::string> patterns);

  struct Place {
    std::string set;          ///< "date=2026-11-01, region=eu"; "" where the patterns name no part
    std::size_t pattern = 0;  ///< the first that matches
  };
  [[nodiscard]] std::optional<Place> place_of(std::string_view key) const;  ///< nullopt: of no set

  [[nodiscard]] std::size_t size() const { return patterns_.size(); }
  /// The patterns without a match, in words. `have`: one for each pattern.
  [[nodiscard]] std::string missing(const std::vector<bool>& have) const;

 private:
  std::vector<KeyPattern> patterns_;
  std::vector<std::string> written_;  // as the project says them
};

}  // namespace millrace::ingest
