#include "jinja/characters.h"

#include <algorithm>

#include "base/utf8.h"

namespace millrace::jinja {
namespace {

std::size_t width(std::string_view text) { return std::max<std::size_t>(1, utf8::sequence_length(text)); }

bool between(std::uint32_t c, std::uint32_t lo, std::uint32_t hi) { return c >= lo && c <= hi; }

// Latin Extended-A: capital and small alternate, with two stretches where the odd code is the capital.
bool odd_is_capital(std::uint32_t c) { return between(c, 0x139, 0x148) || between(c, 0x179, 0x17e); }
bool paired(std::uint32_t c) {
  return between(c, 0x100, 0x17e) && c != 0x130 && c != 0x131 && c != 0x138 && c != 0x149 && c != 0x178;
}

std::uint32_t lower_of(std::uint32_t c) {
  if (between(c, 'A', 'Z')) return c + 32;
  if (between(c, 0xc0, 0xde) && c != 0xd7) return c + 32;
  if (c == 0x178) return 0xff;
  if (paired(c)) return (c % 2 == 1) == odd_is_capital(c) ? c + 1 : c;
  if (between(c, 0x391, 0x3ab) && c != 0x3a2) return c + 32;
  if (c == 0x386) return 0x3ac;
  if (between(c, 0x388, 0x38a)) return c + 37;
  if (c == 0x38c) return 0x3cc;
  if (c == 0x38e || c == 0x38f) return c + 63;
  if (between(c, 0x410, 0x42f)) return c + 32;
  if (between(c, 0x400, 0x40f)) return c + 80;
  return c;
}

std::uint32_t upper_of(std::uint32_t c) {
  if (between(c, 'a', 'z')) return c - 32;
  if (between(c, 0xe0, 0xfe) && c != 0xf7) return c - 32;
  if (c == 0xff) return 0x178;
  if (c == 0xb5) return 0x39c;
  if (paired(c)) return (c % 2 == 0) == odd_is_capital(c) ? c - 1 : c;
  if (c == 0x3c2) return 0x3a3;
  if (between(c, 0x3b1, 0x3cb)) return c - 32;
  if (c == 0x3ac) return 0x386;
  if (between(c, 0x3ad, 0x3af)) return c - 37;
  if (c == 0x3cc) return 0x38c;
  if (c == 0x3cd || c == 0x3ce) return c - 63;
  if (between(c, 0x430, 0x44f)) return c - 32;
  if (between(c, 0x450, 0x45f)) return c - 80;
  return c;
}

bool is_whole(std::string_view character) { return utf8::sequence_length(character) != 0; }

void append_upper(std::string& out, std::string_view character) {
  if (!is_whole(character)) {
    out += character;
  } else if (code_point(character) == 0xdf) {
    out += "SS";
  } else {
    append_code_point(out, upper_of(code_point(character)));
  }
}

void append_lower(std::string& out, std::string_view character) {
  if (is_whole(character)) {
    append_code_point(out, lower_of(code_point(character)));
  } else {
    out += character;
  }
}

}  // namespace

std::string_view first_character(std::string_view text) { return text.substr(0, width(text)); }

std::vector<std::string_view> characters(std::string_view text) {
  std::vector<std::string_view> out;
  out.reserve(text.size());
  for (; !text.empty(); text.remove_prefix(width(text))) out.push_back(first_character(text));
  return out;
}

std::size_t count_characters(std::string_view text) {
  std::size_t n = 0;
  for (; !text.empty(); text.remove_prefix(width(text))) ++n;
  return n;
}

std::uint32_t code_point(std::string_view character) {
  const auto at = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(character[i])); };
  switch (character.size()) {
    case 2: return (at(0) & 0x1fU) << 6U | (at(1) & 0x3fU);
    case 3: return (at(0) & 0x0fU) << 12U | (at(1) & 0x3fU) << 6U | (at(2) & 0x3fU);
    case 4: return (at(0) & 0x07U) << 18U | (at(1) & 0x3fU) << 12U | (at(2) & 0x3fU) << 6U | (at(3) & 0x3fU);
    default: return at(0);
  }
}

void append_code_point(std::string& out, std::uint32_t code) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xc0U | code >> 6U);
    put(0x80U | (code & 0x3fU));
  } else if (code < 0x10000) {
    put(0xe0U | code >> 12U);
    put(0x80U | (code >> 6U & 0x3fU));
    put(0x80U | (code & 0x3fU));
  } else {
    put(0xf0U | code >> 18U);
    put(0x80U | (code >> 12U & 0x3fU));
    put(0x80U | (code >> 6U & 0x3fU));
    put(0x80U | (code & 0x3fU));
  }
}

std::string lower(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (; !text.empty(); text.remove_prefix(width(text))) append_lower(out, first_character(text));
  return out;
}

std::string upper(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (; !text.empty(); text.remove_prefix(width(text))) append_upper(out, first_character(text));
  return out;
}

std::string capitalized(std::string_view text) {
  if (text.empty()) return {};
  std::string out;
  append_upper(out, first_character(text));
  return out + lower(text.substr(width(text)));
}

std::string titled(std::string_view text) {
  std::string out;
  bool inside = false;
  for (; !text.empty(); text.remove_prefix(width(text))) {
    const std::string_view c = first_character(text);
    inside ? append_lower(out, c) : append_upper(out, c);
    inside = is_letter(code_point(c));
  }
  return out;
}

bool is_letter(std::uint32_t code) {
  if (code < 0x80) return between(code | 0x20U, 'a', 'z');
  return code == 0xaa || code == 0xb5 || code == 0xba || (code >= 0xc0 && code != 0xd7 && code != 0xf7);
}

std::string_view left_stripped(std::string_view text, std::string_view of) {
  // Characters, not bytes: 'é'.strip('è') must not cut the first byte they share.
  const std::vector<std::string_view> unwanted = characters(of);
  while (!text.empty() && std::count(unwanted.begin(), unwanted.end(), first_character(text)) != 0)
    text.remove_prefix(width(text));
  return text;
}

std::string_view right_stripped(std::string_view text, std::string_view of) {
  const std::vector<std::string_view> unwanted = characters(of);
  while (!text.empty()) {
    std::size_t start = text.size() - 1;
    while (start > 0 && text.size() - start < 4 && (static_cast<unsigned char>(text[start]) & 0xc0U) == 0x80) --start;
    if (width(text.substr(start)) != text.size() - start) start = text.size() - 1;
    if (std::count(unwanted.begin(), unwanted.end(), text.substr(start)) == 0) break;
    text = text.substr(0, start);
  }
  return text;
}

std::string_view stripped(std::string_view text, std::string_view of) {
  return right_stripped(left_stripped(text, of), of);
}

}  // namespace millrace::jinja
