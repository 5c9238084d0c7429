#pragma once
/// \file jinja/lexer.h
/// Template text to tokens. Comments are gone, raw blocks are data, `-` has taken its white space.

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "jinja/source.h"
#include "jinja/value.h"

namespace millrace::jinja {

enum class TokenKind : std::uint8_t {
  data,          ///< text between tags, never empty
  output_begin,  ///< {{
  output_end,    ///< }}
  tag_begin,     ///< {%
  tag_end,       ///< %}
  name,
  literal,  ///< an int, float or text; its value is in Token::value
  symbol,   ///< an operator or bracket
  end,      ///< after the last token, once
};

struct Token {
  TokenKind kind;
  std::uint32_t offset;   ///< of its first byte in Source::text()
  std::string_view text;  ///< as written; of data: what remains to be printed. Views the Source.
  Value value;            ///< of a literal
};

/// Errors: invalid_input, located: an unclosed tag, comment, raw block, text or bracket; a bad literal;
/// a template of 64 MiB or more. Threads: safe to share the Source.
Result<std::vector<Token>> tokenize(const Source& source);
/// The tokens of one expression without braces around it.
Result<std::vector<Token>> tokenize_expression(const Source& source);

/// The value of a text literal as written, quotes included, with its escapes resolved as Python does.
/// Errors: invalid_input, not located.
Result<std::string> unescaped(std::string_view literal);
/// The value of a number literal as written. Errors: invalid_input, not located.
Result<Value> number_value(std::string_view literal);

}  // namespace millrace::jinja
