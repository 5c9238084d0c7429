#include "lake/record_list_source.h"

#include <algorithm>

#include "base/sha256.h"
#include "lake/ndjson/ndjson_source.h"

namespace millrace::lake {

using csv::BlockReader;
using csv::CsvSource;
using csv::Dialect;
using csv::Header;
using csv::kPadding;
using csv::Record;
using csv::RecordReader;
using csv::SourceOptions;

namespace {

constexpr std::size_t kHeadRecords = 1'001;   // read_header looks at so many behind the header
constexpr std::string_view kStandIn = "?\n";  // for a broken record: one field, so that it decides as that does

std::string padded(std::string_view text) {
  std::string out(text);
  out.append(kPadding, '\0');
  return out;
}

/// Text in memory as the stream of a file.
class TextStream final : public ByteStream {
 public:
  explicit TextStream(std::string text) : text_(std::move(text)) {}
  Result<std::size_t> read(std::span<char> into) override {
    const std::size_t n = text_.copy(into.data(), into.size(), at_);
    at_ += n;
    return n;
  }
  [[nodiscard]] const std::optional<FileReject>& reject() const override { return reject_; }
  StreamFacts facts() override { return {text_.size(), sha256_hex(text_), ""}; }

 private:
  std::string text_;
  std::size_t at_ = 0;
  std::optional<FileReject> reject_;  // stays empty
};

/// What is wrong with bytes that are to be one record, whatever stands behind them.
RejectCode broken_alone(const std::string& raw, const Dialect& dialect) {
  const std::string text = padded(raw + "\n");
  RecordReader reader({text.data(), raw.size() + 1}, dialect, 1);
  Record record;
  if (!reader.next(record)) return RejectCode::broken_record;
  if (record.broken != RejectCode::none) return record.broken;
  return record.text().size() == raw.size() && record.end == text.data() + raw.size() + 1
             ? RejectCode::none
             : RejectCode::unbalanced_quote;
}

/// The header as it is, and each whole record behind it by itself.
std::string safe_head(std::string_view head, std::size_t header_bytes, const Dialect& dialect) {
  std::string out(head.substr(0, header_bytes));
  const std::string text = padded(head.substr(header_bytes));
  RecordReader reader({text.data(), head.size() - header_bytes}, dialect, 1);
  Record record;
  while (reader.next(record)) {
    if (record.broken != RejectCode::none)
      out += kStandIn;
    else
      out.append(record.text()).push_back('\n');
  }
  if (!out.empty() && out.back() != '\n' && out.back() != '\r') out.push_back('\n');
  return out;
}

/// One cursor that keeps all that it finds.
void limit_to(SourceOptions& options, std::size_t records, const Contract& contract) {
  options.cursors = 1;
  options.on_block = {};
  options.limits = {SIZE_MAX, SIZE_MAX, (records + kHeadRecords) * (contract.columns.size() + 1)};
}

}  // namespace

Result<std::string> read_head(ByteStream& text, const Dialect& dialect) {
  std::string head(BlockReader::kHeadBytes, '\0');
  MR_TRY(const std::size_t n, text.read(head));
  const bool whole = n < head.size();
  head.resize(n);
  const std::string buffer = padded(head);
  RecordReader reader({buffer.data(), n}, dialect, 1);
  Record record;
  std::size_t end = 0;
  const auto most = kHeadRecords + static_cast<std::size_t>(dialect.skip_lines);
  for (std::size_t seen = 0; seen < most && reader.next(record);) {
    if (record.end == record.text_end && !whole) break;  // the head ends inside it
    end = static_cast<std::size_t>(record.end - buffer.data());
    if (!record.blank()) ++seen;
  }
  head.resize(end);
  return head;
}

void RecordListSource::add(std::string& text, std::size_t record) {
  offsets_.emplace_back(text.size(), record);
  text.append(records_[record].raw).push_back('\n');
}

void RecordListSource::reject(std::size_t record, RejectCode code) {
  const ListedRecord& r = records_[record];
  broken_.push_back(
      {r.place.line, r.place.offset, r.place.length, code, "", std::string(meaning_of(code).meaning), r.raw});
}

Result<RecordListSource::Started> RecordListSource::start(std::string_view head, std::vector<ListedRecord> records,
                                                          const Contract& contract, const Dialect& dialect,
                                                          SourceOptions options) {
  const csv::HeaderOrReject header = csv::read_header(head, true, contract, dialect, options.policy);
  if (const auto* reject = std::get_if<FileReject>(&header)) return Started(*reject);
  const auto* found = std::get_if<Header>(&header);
  if (found == nullptr) return Started(FileReject{RejectCode::bad_header, "the file has no header"});
  auto source = std::unique_ptr<RecordListSource>(new RecordListSource);
  source->records_ = std::move(records);
  std::string text = safe_head(head, found->bytes, dialect);
  for (std::size_t i = 0; i < source->records_.size(); ++i) {
    const RejectCode code = broken_alone(source->records_[i].raw, dialect);
    if (code == RejectCode::none)
      source->add(text, i);
    else
      source->reject(i, code);
  }
  limit_to(options, source->records_.size(), contract);
  MR_TRY(auto started, CsvSource::start(std::make_unique<TextStream>(std::move(text)), contract, dialect, options));
  if (auto* reject = std::get_if<FileReject>(&started)) return Started(std::move(*reject));
  source->inner_ = std::get<0>(std::move(started));
  return Started(std::move(source));
}

Result<RecordListSource::Started> RecordListSource::start_lines(std::vector<ListedRecord> records,
                                                                const Contract& contract, const Dialect& dialect,
                                                                SourceOptions options) {
  auto source = std::unique_ptr<RecordListSource>(new RecordListSource);
  source->records_ = std::move(records);
  std::string text;
  for (std::size_t i = 0; i < source->records_.size(); ++i) source->add(text, i);
  limit_to(options, source->records_.size(), contract);
  MR_TRY(auto started,
         ndjson::NdjsonSource::start(std::make_unique<TextStream>(std::move(text)), contract, dialect, options));
  if (auto* reject = std::get_if<FileReject>(&started)) return Started(std::move(*reject));
  source->inner_ = std::get<0>(std::move(started));
  return Started(std::move(source));
}

const ListedRecord* RecordListSource::at(std::uint64_t offset) const {
  const auto it = std::lower_bound(offsets_.begin(), offsets_.end(), std::pair<std::uint64_t, std::size_t>{offset, 0});
  return it == offsets_.end() || it->first != offset ? nullptr : &records_[it->second];
}

class RecordListSource::Cursor final : public RowCursor {
 public:
  Cursor(const RecordListSource& source, std::unique_ptr<RowCursor> inner)
      : source_(source), inner_(std::move(inner)) {}

  Result<std::size_t> next(std::span<ColumnBuffer> out) override {
    MR_TRY(const std::size_t rows, inner_->next(out));
    const std::size_t line = out.size() - 3, offset = line + 1, length = line + 2;
    for (std::size_t r = 0; r < rows; ++r) {
      const auto position = static_cast<const std::int64_t*>(out[offset].values)[r];
      const ListedRecord* record = source_.at(static_cast<std::uint64_t>(position));
      out[line].set(r, record == nullptr ? std::int64_t{0} : record->place.line);
      if (record == nullptr) continue;
      out[offset].set(r, static_cast<std::int64_t>(record->place.offset));
      out[length].set(r, static_cast<std::int32_t>(record->place.length));
    }
    return rows;
  }

 private:
  const RecordListSource& source_;  // borrows; outlives us
  std::unique_ptr<RowCursor> inner_;
};

Result<std::unique_ptr<RowCursor>> RecordListSource::open() {
  MR_TRY(auto inner, inner_->open());
  return std::unique_ptr<RowCursor>(std::make_unique<Cursor>(*this, std::move(inner)));
}

/// Those of our records, with the places that they have in their file.
std::vector<Reject> RecordListSource::placed(std::vector<Reject> all) const {
  std::vector<Reject> out;
  for (Reject& r : all) {
    const ListedRecord* record = r.line == 0 ? nullptr : at(r.byte_offset);
    if (record == nullptr) continue;
    r.line = record->place.line;
    r.byte_offset = record->place.offset;
    r.byte_length = record->place.length;
    out.push_back(std::move(r));
  }
  std::stable_sort(out.begin(), out.end(), [](const Reject& a, const Reject& b) { return a.line < b.line; });
  return out;
}

std::vector<Reject> RecordListSource::take_rejects() {
  std::vector<Reject> out = placed(inner_->take_rejects());
  out.insert(out.end(), broken_.begin(), broken_.end());
  broken_.clear();
  std::stable_sort(out.begin(), out.end(), [](const Reject& a, const Reject& b) { return a.line < b.line; });
  return out;
}

std::vector<Reject> RecordListSource::take_flags() { return placed(inner_->take_flags()); }

}  // namespace millrace::lake
