#include "lake/ndjson/json_line.h"

#include <fmt/format.h>

#include "base/utf8.h"
#include "base/words.h"

namespace millrace::lake::ndjson {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

bool JsonLine::fail(std::string_view expected) {
  if (fault_) return false;
  const std::string found =
      at_ >= line_.size() ? "the end of the line" : "\"" + printable(line_.substr(at_, 12), 12) + "\"";
  fault_ = Fault{RejectCode::bad_json, fmt::format("byte {}: found {}, expected {}", at_ + 1, found, expected)};
  return false;
}

void JsonLine::blanks() {
  while (at_ < line_.size() && (line_[at_] == ' ' || line_[at_] == '\t')) ++at_;
}

bool JsonLine::take(char c) {
  if (at_ >= line_.size() || line_[at_] != c) return false;
  ++at_;
  return true;
}

bool JsonLine::literal(std::string_view word) {
  if (line_.substr(at_, word.size()) != word) return fail("a value");
  at_ += word.size();
  return true;
}

bool JsonLine::number() {
  const auto digits = [&] {
    const std::size_t from = at_;
    while (at_ < line_.size() && is_digit(line_[at_])) ++at_;
    return at_ > from;
  };
  take('-');
  if (take('0')) {
    if (at_ < line_.size() && is_digit(line_[at_])) return fail("no digit behind a leading 0");
  } else if (!digits()) {
    return fail("a digit");
  }
  if (take('.') && !digits()) return fail("a digit behind the point");
  if (take('e') || take('E')) {
    if (!take('+')) take('-');
    if (!digits()) return fail("a digit of the exponent");
  }
  return true;
}

bool JsonLine::hex4(unsigned& out) {
  out = 0;
  for (int i = 0; i < 4; ++i, ++at_) {
    const char c = at_ < line_.size() ? line_[at_] : '\0';
    const int digit = is_digit(c)            ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) return fail("four hexadecimal digits behind \\u");
    out = out << 4 | static_cast<unsigned>(digit);
  }
  return true;
}

bool JsonLine::unicode_escape(std::string* out) {
  unsigned c = 0;
  if (!hex4(c)) return false;
  if (c >= 0xd800 && c <= 0xdfff) {
    unsigned low = 0;
    if (c >= 0xdc00 || line_.substr(at_, 2) != "\\u") return fail("the other half of a surrogate pair");
    at_ += 2;
    if (!hex4(low)) return false;
    if (low < 0xdc00 || low > 0xdfff) return fail("the low half of a surrogate pair");
    c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
  }
  if (c == 0) {
    fault_ = Fault{RejectCode::nul_byte, fmt::format("byte {}: found \\u0000", at_ - 5)};
    return false;
  }
  if (out != nullptr) utf8::append(*out, c);
  return true;
}

/// Behind a backslash.
bool JsonLine::escape(std::string* out) {
  constexpr std::string_view kLetters = "\"\\/bfnrt", kMeanings = "\"\\/\b\f\n\r\t";
  if (take('u')) return unicode_escape(out);
  const std::size_t which = at_ < line_.size() ? kLetters.find(line_[at_]) : std::string_view::npos;
  if (which == std::string_view::npos) return fail("an escape such as \\n or \\u00e9");
  ++at_;
  if (out != nullptr) *out += kMeanings[which];
  return true;
}

/// Its text: a piece of the line where nothing is escaped.
bool JsonLine::string(std::string_view& out) {
  if (!take('"')) return fail("a string");
  const std::size_t from = at_;
  std::string* decoded = nullptr;
  while (true) {
    const std::size_t piece = at_;
    while (at_ < line_.size() && line_[at_] != '"' && line_[at_] != '\\' &&
           static_cast<unsigned char>(line_[at_]) >= ' ')
      ++at_;
    if (decoded != nullptr) decoded->append(line_.substr(piece, at_ - piece));
    if (take('"')) break;
    if (!take('\\')) return fail("the closing quote of a string");
    if (decoded == nullptr) {
      decoded = &texts_.emplace_back();
      decoded->append(line_.substr(from, at_ - 1 - from));
    }
    if (!escape(decoded)) return false;
  }
  out = decoded != nullptr ? std::string_view(*decoded) : line_.substr(from, at_ - 1 - from);
  return true;
}

bool JsonLine::skip_list(std::size_t depth, char close) {
  if (depth > kMostDepth) return fail("less nesting");
  ++at_;
  blanks();
  if (take(close)) return true;
  while (true) {
    blanks();
    if (close == '}') {
      std::string_view key;
      if (!string(key)) return false;
      blanks();
      if (!take(':')) return fail("a colon");
      blanks();
    }
    if (!skip_value(depth)) return false;
    blanks();
    if (take(close)) return true;
    if (!take(',')) return fail(close == '}' ? "a comma or }" : "a comma or ]");
  }
}

bool JsonLine::skip_value(std::size_t depth) {
  const char c = at_ < line_.size() ? line_[at_] : '\0';
  std::string_view text;
  switch (c) {
    case '{': return skip_list(depth + 1, '}');
    case '[': return skip_list(depth + 1, ']');
    case '"': return string(text);
    case 't': return literal("true");
    case 'f': return literal("false");
    case 'n': return literal("null");
    default: return c == '-' || is_digit(c) ? number() : fail("a value");
  }
}

bool JsonLine::value(FieldText& out) {
  const std::size_t from = at_;
  const char c = at_ < line_.size() ? line_[at_] : '\0';
  if (c == '"') {
    if (!string(out.text)) return false;
    out.quoted = true;
    return true;
  }
  if (!skip_value(0)) return false;
  if (c != 'n') out = {line_.substr(from, at_ - from), false, c == '{' || c == '['};
  return true;
}

std::optional<JsonLine::Fault> JsonLine::parse(std::string_view line) {
  line_ = line;
  at_ = 0;
  members_.clear();
  fault_.reset();
  blanks();
  if (!take('{')) {
    fail("one JSON object in each line");
    return fault_;
  }
  blanks();
  bool more = !take('}');
  while (more) {
    Member m;
    blanks();
    if (!string(m.key)) return fault_;
    blanks();
    if (!take(':') && !fail("a colon")) return fault_;
    blanks();
    if (!value(m.value)) return fault_;
    members_.push_back(m);
    blanks();
    more = take(',');
    if (!more && !take('}') && !fail("a comma or }")) return fault_;
  }
  blanks();
  if (at_ < line_.size()) fail("nothing behind the object");
  return fault_;
}

}  // namespace millrace::lake::ndjson
