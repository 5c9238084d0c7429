#include "lake/csv/csv_source.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <mutex>

#include "base/utf8.h"
#include "contract/field_rules.h"

namespace millrace::lake::csv {

struct CsvSource::Shared {
  Shared(std::unique_ptr<ObjectReader> object, const Contract& c, const Dialect& d, const SourceOptions& o)
      : contract(c), dialect(d), options(o), blocks(std::move(object), d, o.block_bytes) {
    for (const ColumnContract& column : c.columns) columns.push_back({column.name, column.type});
    columns.push_back({std::string(kLineColumn), {TypeKind::int64}});
    columns.push_back({std::string(kOffsetColumn), {TypeKind::int64}});
    columns.push_back({std::string(kLengthColumn), {TypeKind::int32}});
  }

  const Contract& contract;
  Dialect dialect;
  SourceOptions options;
  BlockReader blocks;
  Header header;
  std::vector<Column> columns;
  bool no_header = false;  // an empty file: there is nothing to read

  std::mutex mutex;  // guards all below
  FileFacts facts;
  std::vector<Reject> rejects, flags;
  std::size_t reject_bytes = 0;
  std::optional<FileReject> file_reject;
};

/// Parses whole blocks, one at a time, into batches of rows.
class CsvSource::Cursor final : public RowCursor {
 public:
  explicit Cursor(Shared& shared) : shared_(shared), now_us_(shared.options.now.time_since_epoch().count()) {}

  Result<std::size_t> next(std::span<ColumnBuffer> out) override {
    unescaped_.clear();
    std::size_t rows = 0;
    while (rows < kBatchRows) {
      Record record;
      if (!reader_ || !reader_->next(record)) {
        if (rows > 0 && reader_) return rows;  // strings of these rows point into the present block
        MR_TRY(const bool more, next_block());
        if (!more) return rows;
        continue;
      }
      if (take_record(record, out, rows)) ++rows;
    }
    return rows;
  }

 private:
  Result<bool> next_block() {
    MR_CHECK(hand_in());
    reader_.reset();
    if (shared_.no_header) return false;
    auto more = shared_.blocks.take(block_);
    if (!more) {
      if (more.error().kind == ErrorKind::contract_violation) {
        const std::lock_guard lock(shared_.mutex);
        shared_.file_reject = FileReject{RejectCode::record_too_long, more.error().message};
      }
      return std::move(more).error();
    }
    if (!*more) return false;
    const std::string_view bytes = block_.bytes();
    clean_ =
        simdjson::validate_utf8(bytes.data(), bytes.size()) && std::memchr(bytes.data(), 0, bytes.size()) == nullptr;
    reader_.emplace(bytes, shared_.dialect, block_.first_line);
    return true;
  }

  /// True: the record became row `row`.
  bool take_record(const Record& record, std::span<ColumnBuffer> out, std::size_t row) {
    const auto length = static_cast<std::uint64_t>(record.end - record.begin);
    if (record.blank()) {
      ++facts_.blank_lines;
      facts_.blank_bytes += length;
      return false;
    }
    ++facts_.records;
    facts_.record_bytes += length;
    std::string column, reason;
    const RejectCode code = check(record, out, row, column, reason);
    if (code == RejectCode::none) {
      ++facts_.loaded;
      return true;
    }
    Reject reject = located(record, code, std::move(column), std::move(reason));
    reject.raw.assign(record.text());
    rejects_.push_back(std::move(reject));
    for (ColumnBuffer& buffer : out) buffer.valid[row / 64] |= std::uint64_t{1} << (row % 64);
    row_flags_.clear();
    return false;
  }

  Reject located(const Record& record, RejectCode code, std::string column, std::string reason) const {
    Reject r;
    r.line = record.line;
    r.byte_offset = block_.offset + static_cast<std::uint64_t>(record.begin - block_.memory.get());
    r.byte_length = static_cast<std::uint64_t>(record.end - record.begin);
    r.code = code;
    r.column = std::move(column);
    r.reason = std::move(reason);
    return r;
  }

  RejectCode check(const Record& record, std::span<ColumnBuffer> out, std::size_t row, std::string& column,
                   std::string& reason) {
    if (record.broken != RejectCode::none) return structural(record.broken, reason);
    if (is_header_again(record)) return structural(RejectCode::repeated_header, reason);
    if (record.fields.size() != shared_.header.names.size()) {
      reason = fmt::format("found {} fields, expected {}", record.fields.size(), shared_.header.names.size());
      return RejectCode::wrong_column_count;
    }
    if (!clean_) {
      if (record.text().find('\0') != std::string_view::npos) return structural(RejectCode::nul_byte, reason);
      if (const auto bad = utf8::first_bad_byte(record.text()); bad != std::string_view::npos) {
        reason = fmt::format("byte {} of the record, 0x{:02x}, is not UTF-8", bad + 1,
                             static_cast<unsigned char>(record.text()[bad]));
        return RejectCode::bad_utf8;
      }
    }
    return write_row(record, out, row, column, reason);
  }

  RejectCode write_row(const Record& record, std::span<ColumnBuffer> out, std::size_t row, std::string& column,
                       std::string& reason) {
    const auto& columns = shared_.contract.columns;
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const FieldSlice& slice = record.fields[shared_.header.field_of_column[c]];
      const FieldText field{slice.has_doubled_quotes ? unescape(slice.text) : slice.text, slice.quoted};
      FlagSet flags;
      RejectCode code = field.text.size() > kMostFieldBytes
                            ? RejectCode::field_too_long
                            : write_field(columns[c], field, now_us_, out[c], row, flags);
      if (code != RejectCode::none) {
        column = columns[c].name;
        reason = reason_of(columns[c], field, code);
        return code;
      }
      for (const RejectCode flag : flags)
        row_flags_.push_back(located(record, flag, columns[c].name, reason_of(columns[c], field, flag)));
    }
    const std::size_t n = columns.size();
    out[n].set(row, record.line);
    out[n + 1].set(row, static_cast<std::int64_t>(block_.offset) + (record.begin - block_.memory.get()));
    out[n + 2].set(row, static_cast<std::int32_t>(record.end - record.begin));
    if (!row_flags_.empty()) keep_flags();
    return RejectCode::none;
  }

  void keep_flags() {
    ++facts_.flagged;
    for (const Reject& flag : row_flags_) ++facts_.warnings[flag.code];
    if (flags_.size() < shared_.options.most_flags)
      flags_.insert(flags_.end(), std::move_iterator(row_flags_.begin()), std::move_iterator(row_flags_.end()));
    row_flags_.clear();
  }

  static RejectCode structural(RejectCode code, std::string& reason) {
    reason = meaning_of(code).meaning;
    return code;
  }

  bool is_header_again(const Record& record) const {
    const auto& names = shared_.header.names;
    if (record.fields.empty() || record.fields[0].text != names[0] || record.fields.size() != names.size())
      return false;
    return std::equal(names.begin(), names.end(), record.fields.begin(),
                      [](const std::string& name, const FieldSlice& f) { return name == f.text; });
  }

  std::string_view unescape(std::string_view text) {
    std::string& out = unescaped_.emplace_back();
    for (std::size_t i = 0; i < text.size(); ++i) {
      out += text[i];
      if (text[i] == shared_.dialect.quote) ++i;
    }
    return out;
  }

  /// Adds what this cursor has gathered to the source's facts.
  Status hand_in() {
    const std::lock_guard lock(shared_.mutex);
    if (shared_.options.on_block) shared_.options.on_block(shared_.facts.record_bytes + facts_.record_bytes);
    FileFacts& f = shared_.facts;
    f.record_bytes += facts_.record_bytes;
    f.blank_bytes += facts_.blank_bytes;
    f.records += facts_.records;
    f.loaded += facts_.loaded;
    f.blank_lines += facts_.blank_lines;
    f.flagged += facts_.flagged;
    for (const auto& [code, n] : facts_.warnings) f.warnings[code] += n;
    facts_ = {};
    for (Reject& r : rejects_) {
      shared_.reject_bytes += r.raw.size() + r.reason.size();
      shared_.rejects.push_back(std::move(r));
    }
    rejects_.clear();
    std::move(flags_.begin(), flags_.end(), std::back_inserter(shared_.flags));
    flags_.clear();
    const SourceOptions& o = shared_.options;
    if (shared_.rejects.size() <= o.most_rejects && shared_.reject_bytes <= o.most_reject_bytes) return ok();
    const Reject& first = *std::min_element(shared_.rejects.begin(), shared_.rejects.end(),
                                            [](auto& a, auto& b) { return a.line < b.line; });
    shared_.file_reject =
        FileReject{RejectCode::too_many_rejects,
                   fmt::format("more than {} broken records ({} bytes); the first is line {}: {}",
                               shared_.rejects.size() - 1, shared_.reject_bytes, first.line, first.reason)};
    return Error{ErrorKind::contract_violation, shared_.file_reject->reason, {}, {}};
  }

  Shared& shared_;
  std::int64_t now_us_;
  Block block_;
  bool clean_ = true;  // the block is UTF-8 without NUL
  std::optional<RecordReader> reader_;
  std::deque<std::string> unescaped_;  // a deque: its elements stay where they are
  std::vector<Reject> rejects_, flags_, row_flags_;
  FileFacts facts_;
};

CsvSource::CsvSource(std::unique_ptr<Shared> shared) : shared_(std::move(shared)) {}
CsvSource::~CsvSource() = default;

Result<std::variant<std::unique_ptr<CsvSource>, FileReject>> CsvSource::start(std::unique_ptr<ObjectReader> object,
                                                                              const Contract& contract,
                                                                              const Dialect& dialect,
                                                                              const SourceOptions& options) {
  using Started = std::variant<std::unique_ptr<CsvSource>, FileReject>;
  auto shared = std::make_unique<Shared>(std::move(object), contract, dialect, options);
  MR_TRY(const std::string_view head, shared->blocks.peek());
  const bool whole_file = head.size() < options.block_bytes;
  HeaderOrReject header = read_header(head, whole_file, contract, dialect);
  if (auto* reject = std::get_if<FileReject>(&header)) return Started(std::move(*reject));
  if (auto* found = std::get_if<Header>(&header)) {
    shared->facts.header_bytes = found->bytes;
    shared->blocks.skip(found->bytes, found->lines);
    shared->header = std::move(*found);
  } else {
    shared->no_header = true;
    shared->facts.blank_bytes = head.size();
    shared->blocks.skip(head.size(), 0);
  }
  return Started(std::unique_ptr<CsvSource>(new CsvSource(std::move(shared))));
}

std::span<const Column> CsvSource::columns() const { return shared_->columns; }
std::size_t CsvSource::most_cursors() const { return shared_->options.cursors; }
Result<std::unique_ptr<RowCursor>> CsvSource::open() {
  return std::unique_ptr<RowCursor>(std::make_unique<Cursor>(*shared_));
}
const std::optional<FileReject>& CsvSource::file_reject() const { return shared_->file_reject; }

std::vector<Reject> CsvSource::take_rejects() {
  auto out = std::exchange(shared_->rejects, {});
  std::sort(out.begin(), out.end(), [](const Reject& a, const Reject& b) { return a.line < b.line; });
  return out;
}

std::vector<Reject> CsvSource::take_flags() {
  auto out = std::exchange(shared_->flags, {});
  std::sort(out.begin(), out.end(), [](const Reject& a, const Reject& b) { return a.line < b.line; });
  if (out.size() > shared_->options.most_flags) out.resize(shared_->options.most_flags);
  return out;
}

Result<FileFacts> CsvSource::facts() {
  FileFacts f = shared_->facts;
  f.bytes = f.stored_bytes = shared_->blocks.bytes_read();
  f.rejected = f.records - f.loaded;
  if (f.bytes != f.header_bytes + f.record_bytes + f.blank_bytes)
    return Error{ErrorKind::internal,
                 fmt::format("of {} bytes, {} are header, {} records and {} blank: they do not add up", f.bytes,
                             f.header_bytes, f.record_bytes, f.blank_bytes),
                 {},
                 {}};
  f.sha256 = shared_->blocks.sha256();
  return f;
}

}  // namespace millrace::lake::csv
