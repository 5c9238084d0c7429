#pragma once
/// \file ingest/key_pattern.h
/// Which keys of the lake are meant: a wildcard or a regular expression over the whole key, with named parts.
///
/// Wildcards: * and ? stop at a slash, [a-z] and [!a-z] are one character, ** passes slashes ("**/" also stands for
/// nothing), {name} is a part of a name that is told apart, \ takes the next character as it is. A name that begins
/// with a dot is never meant, unless the pattern names a dot there.
/// "regex:landing/(?P<date>\d{8})/.*": RE2's syntax, named groups are parts.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace re2 {
class RE2;
}

namespace millrace::ingest {

/// Copies share the compiled expression. Threads: safe to share.
class KeyPattern {
 public:
  /// Errors: invalid_input saying what is not understood.
  static Result<KeyPattern> compile(std::string_view text);

  [[nodiscard]] bool matches(std::string_view key) const;
  /// What the named parts of the key are; nullopt where the key is not meant. Cost: linear in the key.
  using Parts = std::map<std::string, std::string>;
  [[nodiscard]] std::optional<Parts> parts(std::string_view key) const;

  [[nodiscard]] const std::string& text() const { return text_; }
  /// The folder in which all keys that can match lie: "landing/orders/"; "" where the pattern says none.
  [[nodiscard]] const std::string& folder() const { return folder_; }
  [[nodiscard]] std::vector<std::string> part_names() const;  ///< ascending

 private:
  [[nodiscard]] bool hides(std::string_view key) const;
  std::string text_, folder_;
  bool may_hide_ = false;  // the pattern names a dot at the start of a name, or is a regular expression
  std::shared_ptr<const re2::RE2> expression_;
};

/// The part of a pattern before the folder of its first wildcard, without compiling it.
std::string literal_folder(std::string_view pattern);

}  // namespace millrace::ingest
