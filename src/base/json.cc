#include "base/json.h"

#include <array>
#include <charconv>
#include <cmath>

#include "base/utf8.h"

namespace millrace::json {
namespace {

void append_control(std::string& out, unsigned char c) {
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\b': out += "\\b"; return;
    case '\f': out += "\\f"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: break;
  }
  static constexpr char kHex[] = "0123456789abcdef";
  out += "\\u00";
  out += kHex[c >> 4];
  out += kHex[c & 15];
}

/// Bytes that go out as they are: all but controls, quote, backslash, DEL and non-ASCII.
constexpr std::array<bool, 256> kPlain = [] {
  std::array<bool, 256> plain{};
  for (unsigned c = 0x20; c < 0x7f; ++c) plain[c] = c != '"' && c != '\\';
  return plain;
}();

template <class N>
void append_chars(std::string& out, N value) {
  std::array<char, 32> buffer;
  const auto [end, ec] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  out.append(buffer.data(), end);
}

}  // namespace

void append_string(std::string& out, std::string_view text) {
  out += '"';
  const auto* p = reinterpret_cast<const unsigned char*>(text.data());
  std::size_t i = 0, plain_from = 0;
  while (i < text.size()) {
    if (kPlain[p[i]]) {
      ++i;
      continue;
    }
    if (p[i] >= 0x80) {
      if (const std::size_t n = utf8::sequence_length(text.substr(i))) {
        i += n;
        continue;
      }
    }
    out.append(text.data() + plain_from, i - plain_from);
    if (p[i] >= 0x80) {
      out += "\xef\xbf\xbd";
    } else {
      append_control(out, p[i]);
    }
    plain_from = ++i;
  }
  out.append(text.data() + plain_from, i - plain_from);
  out += '"';
}

void append_number(std::string& out, std::int64_t value) { append_chars(out, value); }
void append_number(std::string& out, std::uint64_t value) { append_chars(out, value); }
void append_number(std::string& out, bool value) { out += value ? "true" : "false"; }
void append_number(std::string& out, double value) {
  if (!std::isfinite(value)) {
    out += "null";
    return;
  }
  append_chars(out, value);
}

void Writer::comma() {
  if (need_comma_) out_ += ',';
  need_comma_ = true;
}

Writer& Writer::open(char c) {
  comma();
  out_ += c;
  need_comma_ = false;
  return *this;
}

Writer& Writer::close(char c) {
  out_ += c;
  need_comma_ = true;
  return *this;
}

Writer& Writer::key(std::string_view name) {
  comma();
  append_string(out_, name);
  out_ += ':';
  need_comma_ = false;
  return *this;
}

Writer& Writer::value(std::string_view text) {
  comma();
  append_string(out_, text);
  return *this;
}

Writer& Writer::null() {
  comma();
  out_ += "null";
  return *this;
}

}  // namespace millrace::json
