#include "lake/csv/csv_source.h"

#include <utility>

#include "lake/csv/csv_cursor.h"

namespace millrace::lake::csv {

struct CsvSource::Shared : CsvFile {
  using CsvFile::CsvFile;
  std::size_t cursors = 1;
  bool closed = false;

  /// What is to be said of the whole file, once it has been read.
  void close() {
    if (std::exchange(closed, true)) return;
    Findings words(most_flags);
    if (std::string found = mixed_line_ends(); !found.empty())
      words.add_warning(RejectCode::mixed_line_ends, 0, "", std::move(found));
    if (blocks.ended_in_control_z()) {
      words.blank_bytes = 1;
      words.add_warning(RejectCode::control_z, 0, "", "the last byte is 0x1A");
    }
    if (!no_header && !tally.any_records()) words.add_warning(RejectCode::no_records, 0, "", "only a header");
    tally.hand_in(words);
  }
};

CsvSource::CsvSource(std::unique_ptr<Shared> shared) : shared_(std::move(shared)) {}
CsvSource::~CsvSource() = default;

Result<std::variant<std::unique_ptr<CsvSource>, FileReject>> CsvSource::start(std::unique_ptr<ByteStream> stream,
                                                                              const Contract& contract,
                                                                              const Dialect& dialect,
                                                                              const SourceOptions& options) {
  using Started = std::variant<std::unique_ptr<CsvSource>, FileReject>;
  auto shared = std::make_unique<Shared>(std::move(stream), dialect, options);
  auto head = shared->blocks.peek();
  if (!head) {
    if (auto reject = shared->blocks.reject()) return Started(*std::move(reject));
    return std::move(head).error();
  }
  HeaderOrReject header = read_header(head->bytes, head->whole_file, contract, dialect, options.policy);
  if (auto* reject = std::get_if<FileReject>(&header)) return Started(std::move(*reject));
  shared->cursors = options.cursors;
  RowShape shape{&contract, options.policy, options.now.time_since_epoch().count(), dialect.max_field_bytes, {}};
  Findings words(options.limits.most_flags);
  if (auto* found = std::get_if<Header>(&header)) {
    shared->blocks.skip(found->bytes, found->lines);
    shape.new_columns = found->new_columns;
    for (HeaderWarning& w : found->warnings) words.add_warning(w.code, 0, std::move(w.column), std::move(w.reason));
    shared->header = std::move(*found);
  } else {
    shared->no_header = true;
    shared->header.field_of_column.assign(contract.columns.size(), Header::kAbsent);
    words.add_blank_line(head->bytes.size());
    if (head->bytes.empty()) words.add_warning(RejectCode::no_bytes, 0, "", "the file holds no byte");
    shared->blocks.skip(head->bytes.size(), 0);
  }
  shared->tally.hand_in(words);
  shared->know_shape(std::move(shape));
  return Started(std::unique_ptr<CsvSource>(new CsvSource(std::move(shared))));
}

std::span<const Column> CsvSource::columns() const { return shared_->columns; }
std::size_t CsvSource::most_cursors() const { return shared_->cursors; }
std::vector<std::string> CsvSource::new_columns() const { return shared_->shape.added_columns(); }
LateColumns CsvSource::late_columns() const { return shared_->tally.late_columns(); }
Result<std::unique_ptr<RowCursor>> CsvSource::open() {
  return std::unique_ptr<RowCursor>(std::make_unique<CsvCursor>(*shared_));
}
const std::optional<FileReject>& CsvSource::file_reject() const { return shared_->tally.file_reject(); }

std::vector<Reject> CsvSource::take_rejects() { return shared_->tally.take_rejects(); }

std::vector<Reject> CsvSource::take_flags() {
  shared_->close();
  return shared_->tally.take_flags();
}

Result<FileFacts> CsvSource::facts() {
  shared_->close();
  return shared_->tally.facts(shared_->blocks.stream_facts(), shared_->blocks.bytes_read(), shared_->header.bytes);
}

}  // namespace millrace::lake::csv
