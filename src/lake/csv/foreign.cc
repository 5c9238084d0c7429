#include "lake/csv/foreign.h"

#include <fmt/format.h>

#include <array>
#include <string>

#include "base/words.h"

namespace millrace::lake::csv {
namespace {

struct Magic {
  std::string_view bytes;
  RejectCode code;
  std::string_view name;
};

using namespace std::string_view_literals;

/// Source: the formats' own specifications (gzip RFC 1952, zstd RFC 8878, zip APPNOTE 4.3.7, …).
constexpr std::array kMagic{
    Magic{"\x1f\x8b"sv, RejectCode::unsupported_compression, "gzip"},
    Magic{"\x28\xb5\x2f\xfd"sv, RejectCode::unsupported_compression, "zstd"},
    Magic{"PK\x03\x04"sv, RejectCode::unsupported_compression, "zip (also xlsx)"},
    Magic{"BZh"sv, RejectCode::unsupported_compression, "bzip2"},
    Magic{"\xfd"
          "7zXZ"sv,
          RejectCode::unsupported_compression, "xz"},
    Magic{"PAR1"sv, RejectCode::not_csv, "Parquet"},
    Magic{"%PDF"sv, RejectCode::not_csv, "PDF"},
    Magic{"SQLite format 3"sv, RejectCode::not_csv, "a SQLite database"},
    Magic{"7z\xbc\xaf\x27\x1c"sv, RejectCode::unsupported_compression, "7z"},
    Magic{"\x04\x22\x4d\x18"sv, RejectCode::unsupported_compression, "lz4"},
    Magic{"\xff\xfe"sv, RejectCode::wrong_encoding, "UTF-16"},
    Magic{"\xfe\xff"sv, RejectCode::wrong_encoding, "UTF-16"},
};

/// Latin text in UTF-16: the odd bytes, or the even ones, are NUL.
bool utf16_without_mark(std::string_view start) {
  std::array<std::size_t, 2> nuls{};
  for (std::size_t i = 0; i < start.size(); ++i) nuls[i % 2] += start[i] == '\0';
  const std::size_t half = start.size() / 2;
  return half > 0 && (nuls[0] > half * 3 / 4 || nuls[1] > half * 3 / 4) && (nuls[0] <= half / 4 || nuls[1] <= half / 4);
}

}  // namespace

std::optional<FileReject> looks_binary(std::string_view head, std::string_view expected) {
  for (const Magic& m : kMagic)
    if (head.starts_with(m.bytes)) return FileReject{m.code, fmt::format("found {}, expected {}", m.name, expected)};
  const std::string_view start = head.substr(0, 4096);
  // In the first line only: a NUL in a later record is that record's fault.
  if (start.substr(0, start.find('\n')).find('\0') != std::string_view::npos)
    return utf16_without_mark(start)
               ? FileReject{RejectCode::wrong_encoding,
                            "every second byte is NUL: found what looks like UTF-16 without its mark, expected UTF-8"}
               : FileReject{RejectCode::not_csv,
                            fmt::format("found NUL bytes in the first line, expected {}", expected)};
  return std::nullopt;
}

std::optional<FileReject> looks_foreign(std::string_view head) {
  if (auto binary = looks_binary(head, "CSV in UTF-8")) return binary;
  const std::string_view text = trimmed(head.substr(0, 4096));
  const std::string lower = to_lower_ascii(text.substr(0, 64));
  if (lower.starts_with("<!doctype html") || lower.starts_with("<html"))
    return FileReject{RejectCode::not_csv,
                      "found an HTML page, expected CSV; perhaps the error page of a failed download"};
  if (lower.starts_with("<?xml") || lower.starts_with('<'))
    return FileReject{RejectCode::not_csv, "found XML, expected CSV"};
  if (lower.starts_with('{') || lower.starts_with('['))
    return FileReject{RejectCode::not_csv, "found JSON, expected CSV"};
  return std::nullopt;
}

}  // namespace millrace::lake::csv
