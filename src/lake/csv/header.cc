#include "lake/csv/header.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/utf8.h"
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
    Magic{"\xff\xfe"sv, RejectCode::not_csv, "UTF-16"},
    Magic{"\xfe\xff"sv, RejectCode::not_csv, "UTF-16"},
};

std::optional<FileReject> looks_foreign(std::string_view head) {
  for (const Magic& m : kMagic)
    if (head.starts_with(m.bytes)) return FileReject{m.code, fmt::format("found {}, expected CSV in UTF-8", m.name)};
  const std::string_view start = head.substr(0, 4096);
  // In the first line only: a NUL in a later record is that record's fault.
  if (start.substr(0, start.find('\n')).find('\0') != std::string_view::npos)
    return FileReject{RejectCode::not_csv,
                      "found NUL bytes in the first line (UTF-16 or binary), expected CSV in UTF-8"};
  const std::string_view text = trimmed(start);
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

std::string normal_name(std::string_view text) { return to_lower_ascii(trimmed(text)); }

std::vector<std::string> contract_names(const Contract& contract) {
  std::vector<std::string> names;
  for (const ColumnContract& c : contract.columns) names.push_back(c.name);
  return names;
}

/// A header of one field that would be the contract's under another delimiter.
std::optional<FileReject> other_delimiter(std::string_view line, const Contract& contract, const Dialect& dialect) {
  for (const auto& [candidate, name] : {std::pair{';', ";"}, {'\t', "tab"}, {'|', "|"}, {',', ","}}) {
    if (candidate == dialect.delimiter || line.find(candidate) == std::string_view::npos) continue;
    const std::string first = normal_name(line.substr(0, line.find(candidate)));
    for (const ColumnContract& c : contract.columns)
      if (first == to_lower_ascii(c.name) || first == "\"" + to_lower_ascii(c.name) + "\"")
        return FileReject{RejectCode::wrong_delimiter,
                          fmt::format("found the delimiter {}, expected {}", name, dialect.delimiter)};
  }
  return std::nullopt;
}

HeaderOrReject match(Header header, std::string_view line, const Contract& contract, const Dialect& dialect) {
  std::map<std::string, std::size_t> field_of;
  for (std::size_t i = 0; i < header.names.size(); ++i) {
    if (!field_of.emplace(normal_name(header.names[i]), i).second)
      return FileReject{RejectCode::duplicate_column,
                        fmt::format("the header names column \"{}\" twice", printable(header.names[i], 60))};
  }
  std::vector<std::string> missing;
  for (const ColumnContract& c : contract.columns) {
    const auto it = field_of.find(to_lower_ascii(c.name));
    if (it == field_of.end()) {
      missing.push_back(c.name);
      continue;
    }
    header.field_of_column.push_back(it->second);
    field_of.erase(it);
  }
  if (missing.size() == contract.columns.size()) {
    if (auto other = other_delimiter(line, contract, dialect)) return *std::move(other);
    return FileReject{RejectCode::bad_header,
                      fmt::format("the first line \"{}\" names no column of the contract, expected {}",
                                  printable(line, 60), join(contract_names(contract), ","))};
  }
  std::vector<std::string> extra;
  for (const auto& [name, index] : field_of) extra.push_back(header.names[index]);
  if (!missing.empty()) {
    const std::string near = nearest(missing[0], extra);
    return FileReject{RejectCode::missing_column,
                      fmt::format("the header has no column \"{}\"{}", missing[0],
                                  near.empty() ? "" : fmt::format(", but \"{}\": renamed?", printable(near, 60)))};
  }
  if (!extra.empty()) {
    const std::string near = nearest(extra[0], contract_names(contract));
    return FileReject{
        RejectCode::extra_column,
        fmt::format("the header has column \"{}\", which the contract does not know", printable(extra[0], 60))};
  }
  return header;
}

}  // namespace

HeaderOrReject read_header(std::string_view head, bool whole_file, const Contract& contract, const Dialect& dialect) {
  if (auto foreign = looks_foreign(head)) return *std::move(foreign);
  Header header;
  if (head.starts_with("\xef\xbb\xbf")) header.bytes = 3;
  std::string padded(head.substr(header.bytes, kMostRecordBytes));
  const std::size_t size = padded.size();
  padded.append(kPadding, '\0');
  RecordReader reader({padded.data(), size}, dialect, 1);
  Record record;
  do {  // blank lines above the header are tolerated, as everywhere
    if (!reader.next(record)) return std::monostate{};
    header.bytes += static_cast<std::size_t>(record.end - record.begin);
  } while (record.blank());
  if (record.end == record.text_end && !whole_file)
    return FileReject{RejectCode::not_csv, "the first line does not end, expected a header line"};
  if (record.broken != RejectCode::none)
    return FileReject{RejectCode::bad_header, fmt::format("the first line \"{}\": {}", printable(record.text(), 60),
                                                          meaning_of(record.broken).meaning)};
  if (record.fields.size() > 4096)
    return FileReject{RejectCode::bad_header,
                      fmt::format("the first line has {} fields, expected up to 4096", record.fields.size())};
  if (utf8::first_bad_byte(record.text()) != std::string_view::npos)
    return FileReject{RejectCode::not_csv, "the first line is not UTF-8, expected CSV in UTF-8"};
  for (const FieldSlice& f : record.fields) header.names.emplace_back(f.text);
  header.lines = count_line_ends({padded.data(), static_cast<std::size_t>(record.end - padded.data())});
  return match(std::move(header), record.text(), contract, dialect);
}

}  // namespace millrace::lake::csv
