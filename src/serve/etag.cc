#include "serve/etag.h"

#include <cstdint>

namespace millrace::serve {

std::string etag_of(const Published& published, std::string_view target) {
  // FNV-1a, 64 bits: it need not resist anybody, since a forged tag deceives its forger only.
  std::uint64_t hash = 0xcbf29ce484222325 ^ static_cast<std::uint64_t>(published.at.time_since_epoch().count());
  for (const char c : target) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  std::string tag = "\"g" + std::to_string(published.generation) + "-";
  for (int shift = 60; shift >= 0; shift -= 4) tag += "0123456789abcdef"[hash >> shift & 15];
  return tag += '"';
}

bool names_etag(std::string_view if_none_match, std::string_view etag) {
  // The quotes belong to the tag and cannot stand inside another one.
  return if_none_match.find(etag) != std::string_view::npos;
}

}  // namespace millrace::serve
