#pragma once
/// \file contract/pattern.h
/// What a text must look like: a regular expression with the meaning of ECMAScript, as ODCS prescribes,
/// or one of the formats that have a name. Matched in linear time, whatever the text.
/// Source: RE2 syntax; ECMA-262 §22.2; JSON Schema 2020-12 validation §7.3 for the names of formats.

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace re2 {
class RE2;
}

namespace millrace {

/// Copies share the compiled expression. Threads: safe to share.
class Pattern {
 public:
  /// Found anywhere in the text, unless the expression says ^ and $.
  /// Errors: invalid_input naming the construct that is not understood.
  static Result<Pattern> compile(std::string_view expression);
  /// email, uuid, uri, hostname, ipv4 or ipv6: the whole text must be one.
  /// Errors: unsupported naming those that are known.
  static Result<Pattern> named(std::string_view format);

  [[nodiscard]] bool matches(std::string_view text) const;
  [[nodiscard]] const std::string& in_words() const { return in_words_; }  ///< "a match of ^A", "an IPv4 address"
  bool operator==(const Pattern& other) const { return in_words_ == other.in_words_; }

 private:
  static Result<Pattern> build(const std::string& expression, std::string in_words);
  std::shared_ptr<const re2::RE2> expression_;
  std::string in_words_;
};

}  // namespace millrace
