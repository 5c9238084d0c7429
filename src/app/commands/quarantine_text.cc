#include "app/commands/quarantine_text.h"

#include <fmt/format.h>

#include <optional>

#include "base/json.h"
#include "base/words.h"
#include "contract/reject.h"
#include "ingest/ledger.h"
#include "lake/codec/open_stream.h"
#include "lake/landed.h"
#include "lake/open_file.h"

namespace millrace::app {
namespace {

using ingest::QuarantinedRow;

/// A spreadsheet runs a cell that begins so as a formula, quoted or not (CWE-1236). An apostrophe in front stops it;
/// a cell that begins with one gets another, so that taking one off always gives the text back.
bool begins_like_formula(std::string_view text) {
  for (const std::string_view start :
       {"=", "+", "-", "@", "\t", "\r", "\n", "'", "\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\xa0"})
    if (text.starts_with(start)) return true;
  return false;
}

std::string csv_cell(std::string text, bool raw) {
  if (!raw && begins_like_formula(text)) text.insert(0, 1, '\'');
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

struct Span {
  std::size_t begin = 0, end = 0;
};

/// The fields of one line, as far as quotes are closed. Good enough to point at one.
std::vector<Span> fields_of(std::string_view line, char delimiter) {
  std::vector<Span> out;
  std::size_t begin = 0;
  bool quoted = false;
  for (std::size_t i = 0; i <= line.size(); ++i) {
    if (i < line.size() && line[i] == '"') quoted = !quoted;
    if (i < line.size() && (line[i] != delimiter || quoted)) continue;
    out.push_back({begin, i});
    begin = i + 1;
  }
  return out;
}

std::string name_in(std::string_view line, Span span) {
  std::string_view name = trimmed(line.substr(span.begin, span.end - span.begin));
  if (name.size() > 1 && name.front() == '"' && name.back() == '"') name = name.substr(1, name.size() - 2);
  return to_lower_ascii(name);
}

/// The key in a line of JSON.
std::optional<Span> key_of(const QuarantinedRow& row) {
  const std::string key = "\"" + row.column + "\"";
  const auto at = row.column.empty() || !row.raw.starts_with('{') ? std::string::npos : row.raw.find(key);
  return at == std::string::npos ? std::nullopt : std::optional<Span>({at, at + key.size()});
}

std::optional<Span> field_of(const QuarantinedRow& row, const std::string& header, char delimiter) {
  if (header.empty()) return key_of(row);
  const auto names = fields_of(header, delimiter), fields = fields_of(row.raw, delimiter);
  const std::string wanted = to_lower_ascii(row.column.substr(0, row.column.find(',')));
  for (std::size_t i = 0; i < names.size() && i < fields.size(); ++i)
    if (!wanted.empty() && name_in(header, names[i]) == wanted) return fields[i];
  return std::nullopt;
}

/// How wide the bytes are on a terminal line, as printable() writes them.
std::size_t shown_width(std::string_view bytes) {
  std::size_t n = 0;
  for (const char c : printable(bytes, SIZE_MAX)) n += (static_cast<unsigned char>(c) & 0xc0) != 0x80 ? 1 : 0;
  return n;
}

constexpr std::size_t kMostShown = 4'000;  // bytes of a record

}  // namespace

std::string json_of(const QuarantinedRow& r) {
  json::Writer w;
  w.begin_object().member("source", r.source).member("file", r.key).member("archive_key", r.archive_key);
  w.member("file_id", r.file_id).member("line", r.line).member("byte_offset", r.byte_offset);
  w.member("byte_length", r.byte_length).member("code", r.code).member("column", r.column).member("reason", r.reason);
  w.member("state", r.discarded ? "discarded" : "open").member("contract_version", r.contract_version);
  w.member("raw", r.raw).end_object();
  return w.text();
}

std::string export_head() { return "file,line,code,column,reason,raw\n"; }

std::string export_line(const QuarantinedRow& r, bool raw) {
  return fmt::format("{},{},{},{},{},{}\n", csv_cell(r.key, raw), r.line, r.code, csv_cell(r.column, raw),
                     csv_cell(r.reason, raw), csv_cell(r.raw, raw));
}

std::string header_of(Runtime& runtime, const ingest::Source& source, const QuarantinedRow& row) {
  if (source.file.format != lake::FileFormat::csv) return "";
  const ingest::Ledger ledger(runtime.session());
  const auto read = [&]() -> Result<std::string> {
    MR_TRY(const auto entry, ledger.entry(row.file_id));
    if (!entry) return std::string();
    MR_TRY(const auto object, ledger.stored(runtime.store(), *entry));
    MR_TRY(auto reader, lake::open_landed(runtime.store(), object));
    MR_TRY(const auto text, lake::open_stream(std::move(reader), source.file.decode));
    return lake::read_head(*text, source.dialect);
  };
  const auto head = read();
  if (!head) return "";
  std::size_t begin = head->starts_with("\xef\xbb\xbf") ? 3 : 0;
  for (std::int64_t i = 0; i < source.dialect.skip_lines; ++i)
    begin = std::min(head->find('\n', begin), head->size() - 1) + 1;
  return head->substr(begin, head->find_first_of("\r\n", begin) - begin);
}

std::string shown(const QuarantinedRow& r, const std::string& header, char delimiter) {
  const RejectMeaning* meaning = find_meaning(r.code);
  std::string out = fmt::format("{}:{}{}  {}{}\n", printable(r.key), r.line, r.discarded ? " (discarded)" : "",
                                meaning == nullptr ? "" : number_of(*meaning) + " ", r.code);
  out += fmt::format("  {}\n", printable(r.raw, kMostShown));
  const auto field = field_of(r, header, delimiter);
  if (field && field->end <= kMostShown)
    out += fmt::format("  {}{}\n", std::string(shown_width(std::string_view(r.raw).substr(0, field->begin)), ' '),
                       std::string(std::max<std::size_t>(1, shown_width(std::string_view(r.raw).substr(
                                                                field->begin, field->end - field->begin))),
                                   '^'));
  out += fmt::format("  {}\n", printable(r.reason, 1'000));
  if (meaning != nullptr) out += fmt::format("  {}\n", meaning->hint);
  out += fmt::format("  bytes {} to {} of {}, checked against contract {}\n", r.byte_offset,
                     r.byte_offset + r.byte_length, printable(r.archive_key), r.contract_version);
  out += fmt::format("  after a fix of the contract: millrace quarantine replay --file {} --line {}", printable(r.key),
                     r.line);
  return out;
}

}  // namespace millrace::app
