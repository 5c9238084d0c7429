#include "lake/ndjson/ndjson_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/utf8.h"
#include "base/words.h"
#include "lake/csv/foreign.h"
#include "lake/ndjson/ndjson_cursor.h"

namespace millrace::lake::ndjson {
namespace {

constexpr std::string_view kExpected = "JSON lines, one object in each";

/// Lines end blocks here, and nothing else does.
csv::Dialect lines_only(csv::Dialect dialect) {
  dialect.quote = dialect.escape = dialect.comment = '\0';
  return dialect;
}

/// The whole lines of the head, those of blanks left out.
std::vector<std::string_view> lines_of(std::string_view head, bool whole_file) {
  std::vector<std::string_view> lines;
  const char *p = head.data(), *end = p + head.size();
  while (p < end) {
    const char* stop = line_end_of(p, end);
    if (stop == end && !whole_file) break;
    const std::string_view line(p, static_cast<std::size_t>(stop - p));
    if (!trimmed(line).empty()) lines.push_back(line);
    p = stop == end ? end : stop + 1;
  }
  return lines;
}

/// What is no file of JSON lines at all. One bad line among others is that line's fault.
std::optional<FileReject> looks_foreign(std::string_view head, const std::vector<std::string_view>& lines) {
  if (auto binary = csv::looks_binary(head, kExpected)) return binary;
  const std::string_view first = trimmed(lines.empty() ? head.substr(0, 100) : lines.front());
  if (first.empty()) return std::nullopt;
  if (first.front() == '[')
    return FileReject{RejectCode::not_csv, fmt::format("found a JSON array, expected {}", kExpected)};
  if (first == "{")
    return FileReject{RejectCode::not_csv,
                      fmt::format("found a JSON document over several lines, expected {}", kExpected)};
  const bool any =
      std::any_of(lines.begin(), lines.end(), [](std::string_view l) { return trimmed(l).front() == '{'; });
  if (any || first.front() == '{') return std::nullopt;
  return FileReject{RejectCode::not_csv, fmt::format("found \"{}\", expected {}", printable(first, 60), kExpected)};
}

/// Keys of the lines that no column has, as they come; names of columns differ in more than case.
std::vector<std::string> new_keys(const std::vector<std::string_view>& lines, const NdjsonFile& file) {
  std::set<std::string> taken;
  std::vector<std::string> keys;
  JsonLine json;
  for (const std::string_view line : lines) {
    json.clear();
    if (utf8::first_bad_byte(line) != std::string_view::npos || json.parse(line)) continue;
    for (const Member& m : json.members()) {
      if (file.target_of.contains(m.key) || !file.may_be_column(m.key)) continue;
      if (keys.size() < file.most_keys && taken.insert(to_lower_ascii(m.key)).second) keys.emplace_back(m.key);
    }
  }
  return keys;
}

}  // namespace

struct NdjsonSource::Shared : NdjsonFile {
  using NdjsonFile::NdjsonFile;
  std::size_t cursors = 1;
  std::size_t mark_bytes = 0;  // of the byte order mark
  bool empty = false, closed = false;

  void know_columns() {
    const auto& known = shape.contract->columns;
    for (std::size_t c = 0; c < known.size(); ++c) target_of.emplace(known[c].name, Target{c, false});
    for (const ColumnContract& c : known) taken.insert(to_lower_ascii(c.name));
    for (std::size_t c = 0; c < known.size(); ++c)
      for (const std::string& alias : known[c].aliases) target_of.emplace(alias, Target{c, true});
  }

  void add_new_columns(const std::vector<std::string_view>& lines, const std::vector<std::string>& late) {
    shape.new_columns = new_keys(lines, *this);
    for (const std::string& name : shape.new_columns) taken.insert(to_lower_ascii(name));
    for (const std::string& key : late) {
      if (!may_be_column(key)) continue;
      taken.insert(to_lower_ascii(key));
      shape.new_columns.push_back(key);
    }
    for (std::size_t n = 0; n < shape.new_columns.size(); ++n) {
      target_of.emplace(shape.new_columns[n], Target{shape.contract->columns.size() + n, false});
      say(RejectCode::new_column, printable(shape.new_columns[n], 60), "the contract does not know it");
    }
  }

  /// What is to be said of the whole file, once it has been read.
  void close() {
    if (std::exchange(closed, true)) return;
    if (std::string found = mixed_line_ends(); !found.empty()) say(RejectCode::mixed_line_ends, "", std::move(found));
    if (blocks.ended_in_control_z()) {
      Findings last(most_flags);
      last.blank_bytes = 1;
      tally.hand_in(last);
      say(RejectCode::control_z, "", "the last byte is 0x1A");
    }
    if (!empty && !tally.any_records()) say(RejectCode::no_records, "", "only blank lines");
  }
};

NdjsonSource::NdjsonSource(std::unique_ptr<Shared> shared) : shared_(std::move(shared)) {}
NdjsonSource::~NdjsonSource() = default;

Result<std::variant<std::unique_ptr<NdjsonSource>, FileReject>> NdjsonSource::start(std::unique_ptr<ByteStream> stream,
                                                                                    const Contract& contract,
                                                                                    const csv::Dialect& dialect,
                                                                                    const csv::SourceOptions& options) {
  using Started = std::variant<std::unique_ptr<NdjsonSource>, FileReject>;
  auto shared = std::make_unique<Shared>(std::move(stream), lines_only(dialect), options);
  auto head = shared->blocks.peek();
  if (!head) {
    if (auto reject = shared->blocks.reject()) return Started(*std::move(reject));
    return std::move(head).error();
  }
  if (head->bytes.starts_with("\xef\xbb\xbf")) shared->mark_bytes = 3;
  const std::string_view text = head->bytes.substr(shared->mark_bytes);
  const auto lines = lines_of(text, head->whole_file);
  if (auto reject = looks_foreign(text, lines)) return Started(*std::move(reject));
  shared->shape = {&contract, options.policy, options.now.time_since_epoch().count(), dialect.max_field_bytes, {}};
  shared->know_columns();
  if (options.policy.columns == SchemaMode::evolve) shared->add_new_columns(lines, options.late.keys);
  shared->cursors = options.cursors;
  shared->empty = head->bytes.empty();
  if (shared->empty) shared->say(RejectCode::no_bytes, "", "the file holds no byte");
  shared->blocks.skip(shared->mark_bytes, 0);
  shared->know_shape(std::move(shared->shape));
  return Started(std::unique_ptr<NdjsonSource>(new NdjsonSource(std::move(shared))));
}

std::span<const Column> NdjsonSource::columns() const { return shared_->columns; }
std::size_t NdjsonSource::most_cursors() const { return shared_->cursors; }
std::vector<std::string> NdjsonSource::new_columns() const { return shared_->shape.added_columns(); }
LateColumns NdjsonSource::late_columns() const { return shared_->tally.late_columns(); }
Result<std::unique_ptr<RowCursor>> NdjsonSource::open() {
  return std::unique_ptr<RowCursor>(std::make_unique<NdjsonCursor>(*shared_));
}
const std::optional<FileReject>& NdjsonSource::file_reject() const { return shared_->tally.file_reject(); }

std::vector<Reject> NdjsonSource::take_rejects() { return shared_->tally.take_rejects(); }

std::vector<Reject> NdjsonSource::take_flags() {
  shared_->close();
  return shared_->tally.take_flags();
}

Result<FileFacts> NdjsonSource::facts() {
  shared_->close();
  return shared_->tally.facts(shared_->blocks.stream_facts(), shared_->blocks.bytes_read(), shared_->mark_bytes);
}

}  // namespace millrace::lake::ndjson
