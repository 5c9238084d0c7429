#include "lake/csv/csv_cursor.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <cstring>

#include "base/utf8.h"
#include "base/words.h"

namespace millrace::lake::csv {
namespace {

/// Where the first byte stands that is NUL or not UTF-8, or `end`.
const char* first_unclean(const char* begin, const char* end) {
  const auto size = static_cast<std::size_t>(end - begin);
  const void* nul = std::memchr(begin, 0, size);
  const char* stop = nul != nullptr ? static_cast<const char*>(nul) : end;
  const auto clean = static_cast<std::size_t>(stop - begin);
  if (simdjson::validate_utf8(begin, clean)) return stop;
  const std::size_t bad = utf8::first_bad_byte({begin, clean});
  return bad == std::string_view::npos ? stop : begin + bad;
}

}  // namespace

CsvCursor::CsvCursor(CsvFile& file)
    : BlockCursor(file),
      file_(file),
      indexer_(file.dialect),
      unescape_(file.dialect),
      columns_(file.shape, file.header, file.dialect, findings_, file.tally, unescape_),
      fields_(file.shape.width()) {
  run_.reserve(ColumnWriter::kMostRecords);
}

Result<std::size_t> CsvCursor::read(const Block& block, std::span<ColumnBuffer> out) {
  unescape_.clear();
  text_ = at_ = slow_until_ = block.bytes.data();
  end_ = text_ + block.bytes.size();
  offset_ = block.offset;
  line_ = block.first_line;
  index_.record_count = next_record_ = 0;
  reader_.emplace(block.bytes, file_.dialect, line_);
  std::size_t rows = 0;
  while (at_ != end_) {
    if (at_ >= slow_until_ && next_record_ == index_.records().size()) open_window();
    if (at_ < slow_until_)
      rows += take_slow(out, rows) ? 1 : 0;
    else
      rows += take_simple(out, rows);
  }
  return rows;
}

/// Looks ahead for simple records; where there are none, the next one is read the slow way.
void CsvCursor::open_window() {
  next_record_ = 0;
  index_.record_count = 0;
  window_ = at_;
  if (file_.dialect.escape == '\0') indexer_.index(at_, end_, index_);
  const auto records = index_.records();
  if (records.empty()) {
    slow_until_ = at_ + 1;
    return;
  }
  const auto behind = [&](const IndexedRecord& record) {
    const char* at = window_ + index_.stops()[record.first_stop + record.fields - 1];
    return at + (*at == '\r' && at + 1 < end_ && at[1] == '\n' ? 2 : 1);
  };
  const char* const end = behind(records.back());
  const char* const unclean = first_unclean(window_, end);
  if (unclean == end) return;
  // The records before it are as good as any; the one in which it stands is read the slow way.
  while (index_.record_count > 0 && behind(index_.records().back()) > unclean) --index_.record_count;
  if (index_.record_count == 0) slow_until_ = at_ + 1;
}

SimpleRecord CsvCursor::locate(std::size_t record, std::uint32_t begin) const {
  const IndexedRecord& indexed = index_.records()[record];
  const std::uint32_t text_end = index_.stops()[indexed.first_stop + indexed.fields - 1];
  const char* stop = window_ + text_end;
  const bool crlf = *stop == '\r' && stop + 1 < end_ && stop[1] == '\n';
  return {begin, text_end, text_end + (crlf ? 2 : 1), indexed.first_stop, line_};
}

/// The header's first name again: perhaps the whole header.
bool CsvCursor::names_again(std::string_view first_field) const {
  if (!first_field.empty() && first_field.front() == file_.dialect.quote) {
    first_field.remove_prefix(1);
    if (!first_field.empty()) first_field.remove_suffix(1);
  }
  return first_field == file_.header.names[0];
}

bool CsvCursor::is_simple(const SimpleRecord& record, const IndexedRecord& indexed) const {
  const Header& header = file_.header;
  if (indexed.fields != header.fields || record.begin == record.text_end) return false;
  if (header.fields > header.names.size() || !header.refused_fields.empty()) return false;
  if (window_[record.begin] == file_.dialect.comment) return false;
  const std::uint32_t first = index_.stops()[record.first_stop];
  return !names_again({window_ + record.begin, first - record.begin});
}

/// Makes rows of the simple records that come next; says how many rows stand.
std::size_t CsvCursor::take_simple(std::span<ColumnBuffer> out, std::size_t row) {
  const auto records = index_.records();
  const std::size_t most = std::min(kBatchRows - row, ColumnWriter::kMostRecords);
  run_.clear();
  auto begin = static_cast<std::uint32_t>(at_ - window_);
  while (run_.size() < most && next_record_ < records.size()) {
    SimpleRecord record = locate(next_record_, begin);
    if (!is_simple(record, records[next_record_])) break;
    record.line = line_++;
    if (index_.line_ends_in_quotes) line_ += count_line_ends({window_ + record.begin, record.text_end - record.begin});
    line_ends_ |= window_[record.text_end] == '\n' ? kLf : record.end == record.text_end + 2 ? kCrLf : kCr;
    begin = record.end;
    run_.push_back(record);
    ++next_record_;
  }
  if (run_.empty()) {  // the next record is no simple one
    ++next_record_;
    slow_until_ = at_ + 1;
    return 0;
  }
  const std::uint64_t offset = offset_ + static_cast<std::uint64_t>(window_ - text_);
  at_ = window_ + begin;
  slow_until_ = at_;
  return columns_.write(window_, offset, index_.stops(), run_, out, row);
}

Place CsvCursor::place_of(const Record& record) const {
  return {record.line, offset_ + static_cast<std::uint64_t>(record.begin - text_),
          static_cast<std::uint64_t>(record.end - record.begin)};
}

/// Reads the one record at `at_`; true: it became row `row`.
bool CsvCursor::take_slow(std::span<ColumnBuffer> out, std::size_t row) {
  Record record;
  reader_->seek(at_, line_);
  MR_INVARIANT(reader_->next(record), "a record stands before the end of the block");
  const Place place = place_of(record);
  at_ = record.end;
  line_ = reader_->line();
  if (record.end != record.text_end)
    line_ends_ |= *record.text_end == '\n' ? kLf : record.end == record.text_end + 2 ? kCrLf : kCr;
  if (record.blank() || record.is_comment(file_.dialect)) {
    findings_.add_blank_line(place.length);
    return false;
  }
  if (place.length > file_.dialect.max_record_bytes)
    file_.tally.refuse(
        {RejectCode::record_too_long, fmt::format("line {}: {} bytes without a line end, at most {} are allowed",
                                                  place.line, place.length, file_.dialect.max_record_bytes)});
  std::string reason;
  const RejectCode code = shape_of(record, reason);
  if (code == RejectCode::none) return write_slow(record, place, out, row);
  rows_.reject(place, record.text(), code, reason.empty() ? std::string(meaning_of(code).meaning) : std::move(reason));
  return false;
}

/// What is wrong with the record before its fields are looked at. Empty reason: the code says all.
RejectCode CsvCursor::shape_of(const Record& record, std::string& reason) const {
  using enum RejectCode;
  const Header& header = file_.header;
  if (record.broken != none) return record.broken;
  if (record.stray_quote && !file_.dialect.stray_quotes) {
    reason = "a quote stands inside a field that is not quoted";
    return text_after_quote;
  }
  const bool again = record.fields.size() >= header.names.size() &&
                     std::equal(header.names.begin(), header.names.end(), record.fields.begin(),
                                [](const std::string& name, const FieldSlice& f) { return name == f.text; });
  if (again) return repeated_header;
  if (record.fields.size() != header.fields ||
      (header.fields > header.names.size() && !record.fields.back().text.empty())) {
    reason = fmt::format("found {}, expected {}{}", counted(static_cast<std::int64_t>(record.fields.size()), "field"),
                         header.names.size(), header.fields > header.names.size() ? " and a delimiter at the end" : "");
    return wrong_column_count;
  }
  if (record.text().find('\0') != std::string_view::npos) return nul_byte;
  if (const auto bad = utf8::first_bad_byte(record.text()); bad != std::string_view::npos) {
    reason = fmt::format("byte {} of the record, 0x{:02x}, is not UTF-8", bad + 1,
                         static_cast<unsigned char>(record.text()[bad]));
    return bad_utf8;
  }
  for (const std::size_t field : header.refused_fields)
    if (!record.fields[field].text.empty()) {
      reason = fmt::format("{}: found \"{}\", and the contract does not know the column", header.names[field],
                           record.fields[field].text.substr(0, 60));
      return extra_value;
    }
  return none;
}

bool CsvCursor::write_slow(const Record& record, const Place& place, std::span<ColumnBuffer> out, std::size_t row) {
  const auto text_of = [&](std::size_t field) -> FieldText {
    if (field == Header::kAbsent) return {};
    const FieldSlice& slice = record.fields[field];
    return {slice.has_doubled_quotes ? unescape_(slice.text) : slice.text, slice.quoted};
  };
  const Header& header = file_.header;
  const std::size_t known = header.field_of_column.size();
  for (std::size_t c = 0; c < known; ++c) fields_[c] = text_of(header.field_of_column[c]);
  for (std::size_t n = 0; n < header.field_of_new_column.size(); ++n)
    fields_[known + n] = text_of(header.field_of_new_column[n]);
  return rows_.write(fields_, place, record.text(), out, row,
                     record.stray_quote ? RejectCode::stray_quote : RejectCode::none);
}

}  // namespace millrace::lake::csv
