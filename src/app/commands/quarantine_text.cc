#include "app/commands/quarantine_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/terminal.h"
#include "base/words.h"
#include "contract/reject.h"
#include "ingest/ledger.h"
#include "lake/landed.h"

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

/// Where the columns that are meant stand in the record: one, or those of a key, by position.
std::vector<Span> fields_of(const QuarantinedRow& row, const std::optional<lake::RecordFields>& fields) {
  std::vector<Span> out;
  if (!fields || row.column.empty()) return out;
  const auto add = [&](std::string_view column) {
    const auto found = fields->find(row.raw, column);
    if (found && found->begin + found->end > 0) out.push_back({found->begin, found->end});
    return found.has_value();
  };
  if (!add(row.column))
    for (std::size_t at = 0, end = 0; end != std::string::npos; at = end + 2) {
      end = row.column.find(", ", at);
      add(std::string_view(row.column).substr(at, end == std::string::npos ? end : end - at));
    }
  std::sort(out.begin(), out.end(), [](const Span& x, const Span& y) { return x.begin < y.begin; });
  return out;
}

/// How wide the bytes are on a terminal line, as printable() writes them.
std::size_t shown_width(std::string_view bytes) { return display_width(printable(bytes, SIZE_MAX)); }

/// "     ^^^   ^^" under the record; at least one caret for each field.
std::string carets(std::string_view raw, const std::vector<Span>& fields) {
  std::string out;
  for (const Span& f : fields) {
    out.resize(std::max(out.size(), shown_width(raw.substr(0, f.begin))), ' ');
    out.append(std::max<std::size_t>(1, shown_width(raw.substr(f.begin, f.end - f.begin))), '^');
  }
  return out;
}

constexpr std::size_t kMostShown = 4'000;  // bytes of a record

}  // namespace

std::string json_of(const QuarantinedRow& r) {
  json::Writer w;
  w.begin_object().member("source", r.source).member("file", r.key).member("archive_key", r.archive_key);
  w.member("file_id", r.file_id).member("line", r.line).member("byte_offset", r.byte_offset);
  w.member("byte_length", r.byte_length).member("code", r.code).member("column", r.column).member("reason", r.reason);
  w.member("state", r.discarded ? "discarded" : "open").member("contract_version", r.contract_version);
  w.member("raw", r.raw).member("whole_file", false).end_object();
  return w.text();
}

std::string json_of(const ingest::RefusedFile& f) {
  json::Writer w;
  w.begin_object().member("source", f.source).member("file", f.key).member("archive_key", f.archive_key);
  w.member("file_id", f.file_id).member("line", 0).member("byte_offset", 0).member("byte_length", f.size_bytes);
  w.member("code", f.code).member("column", "").member("reason", f.reason);
  w.member("state", f.discarded ? "discarded" : "open").member("contract_version", f.contract_version);
  w.member("raw", "").member("whole_file", true).end_object();
  return w.text();
}

std::string shown(const ingest::RefusedFile& f) {
  const RejectMeaning* meaning = find_meaning(f.code);
  std::string out = fmt::format("{}{}  {}{}\n", printable(f.key), f.discarded ? " (discarded)" : "",
                                meaning == nullptr ? "" : number_of(*meaning) + " ", f.code);
  out += fmt::format("  the whole file was refused: {}\n", printable(f.reason, 1'000));
  if (meaning != nullptr) out += fmt::format("  {}\n", meaning->hint);
  out += fmt::format("  {} in {}, refused {} under contract {}\n", bytes_in_words(f.size_bytes),
                     printable(f.archive_key), f.refused_at, f.contract_version);
  out += fmt::format("  after a fix of contract or configuration: millrace quarantine replay --file {}", f.file_id);
  return out;
}

std::string json_of(const ingest::FileReplay& r) {
  const bool taken = r.outcome.file_id > 0;
  json::Writer w;
  w.begin_object().member("source", r.file.source).member("key", r.file.key).member("file_id", r.file.file_id);
  w.member("replay_id", r.outcome.file_id).member("checked", r.outcome.records).member("loaded", r.outcome.rows_loaded);
  w.member("code", r.newer > 0 ? r.file.code : taken ? "" : r.outcome.code);
  w.member("reason", r.newer > 0 ? fmt::format("file {}, a later version, is loaded", r.newer)
                     : taken     ? ""
                                 : r.outcome.reason);
  w.key("rejects_by_code").begin_object();
  for (const auto& [code, n] : r.outcome.rejects_by_code) w.member(code, n);
  w.end_object()
      .member("state", taken ? name_of(r.outcome.state) : "quarantined")
      .member("whole_file", true)
      .end_object();
  return w.text();
}

std::string told(const ingest::FileReplay& r) {
  const std::string start = fmt::format("{:<8} {}  ", "replay", printable(r.file.key));
  if (r.newer > 0)
    return start + fmt::format(
                       "left alone: a later version is loaded (file {}); give this one up: millrace quarantine "
                       "discard --file {} --yes",
                       r.newer, r.file.file_id);
  const ingest::FileOutcome& o = r.outcome;
  if (o.file_id == 0) return start + fmt::format("refused still, {}: {}", o.code, printable(o.reason, 300));
  if (o.state == ingest::FileState::duplicate)
    return start + "its bytes are loaded already, from " + printable(o.duplicate_of);
  std::string out = start + fmt::format("the whole file: {} loaded", counted(o.rows_loaded, "row"));
  if (o.rows_quarantined > 0) out += fmt::format(", {} quarantined", with_thousands(o.rows_quarantined));
  return out;
}

std::string export_head() { return "file,line,code,column,reason,raw\n"; }

std::string export_line(const QuarantinedRow& r, bool raw) {
  return fmt::format("{},{},{},{},{},{}\n", csv_cell(r.key, raw), r.line, r.code, csv_cell(r.column, raw),
                     csv_cell(r.reason, raw), csv_cell(r.raw, raw));
}

std::optional<lake::RecordFields> layout_of(Runtime& runtime, const ingest::Source& source, const QuarantinedRow& row) {
  const ingest::Ledger ledger(runtime.session());
  const auto read = [&]() -> Result<lake::RecordFields> {
    MR_TRY(const auto entry, ledger.entry(row.file_id));
    if (!entry) return Error{ErrorKind::not_found, "the ledger does not know the file", {}, {}};
    MR_TRY(const auto object, ledger.stored(runtime.store(), *entry));
    MR_TRY(auto reader, lake::open_landed(runtime.store(), object));
    return lake::RecordFields::of(std::move(reader), source.file, source.contract, source.dialect);
  };
  auto layout = read();
  return layout ? std::optional(*std::move(layout)) : std::nullopt;
}

std::string shown(const QuarantinedRow& r, const std::optional<lake::RecordFields>& layout) {
  const RejectMeaning* meaning = find_meaning(r.code);
  std::string out = fmt::format("{}:{}{}  {}{}\n", printable(r.key), r.line, r.discarded ? " (discarded)" : "",
                                meaning == nullptr ? "" : number_of(*meaning) + " ", r.code);
  out += fmt::format("  {}\n", printable(r.raw, kMostShown));
  std::vector<Span> fields = fields_of(r, layout);
  std::erase_if(fields, [&](const Span& f) {
    return printable(std::string_view(r.raw).substr(0, f.end), SIZE_MAX).size() > kMostShown;
  });
  if (!fields.empty()) out += fmt::format("  {}\n", carets(r.raw, fields));
  out += fmt::format("  {}\n", printable(r.reason, 1'000));
  if (meaning != nullptr) out += fmt::format("  {}\n", meaning->hint);
  out += fmt::format("  bytes {} to {} of {}, checked against contract {}\n", r.byte_offset,
                     r.byte_offset + r.byte_length, printable(r.archive_key), r.contract_version);
  out += fmt::format("  after a fix of the contract: millrace quarantine replay --file {} --line {}", printable(r.key),
                     r.line);
  return out;
}

}  // namespace millrace::app
