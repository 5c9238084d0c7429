#include "app/draft_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "app/dry_run.h"
#include "base/utf8.h"
#include "base/words.h"
#include "lake/codec/open_stream.h"
#include "lake/csv/csv_source.h"

namespace millrace::app {
namespace {

using lake::csv::CsvSource;

/// The fields of a header line; quotes are taken off.
std::vector<std::string> split(std::string_view line, char delimiter) {
  std::vector<std::string> out(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"')
      out.back() += line[++i];
    else if (line[i] == '"')
      quoted = !quoted;
    else if (line[i] == delimiter && !quoted)
      out.emplace_back();
    else
      out.back() += line[i];
  }
  for (std::string& name : out) name = std::string(trimmed(name));
  return out;
}

Error refused(const NamedFile& file, const FileReject& reject) {
  return {ErrorKind::contract_violation,
          fmt::format("{}: {}: {}", file.object.key, name_of(reject.code), reject.reason),
          std::string(meaning_of(reject.code).hint),
          {}};
}

/// The front of the file's text, unpacked.
Result<std::string> head_of(const NamedFile& file) {
  MR_TRY(auto object, file.store->open(file.object));
  MR_TRY(const auto text, lake::open_stream(std::move(object), {}));
  std::string head(lake::csv::BlockReader::kHeadBytes, '\0');
  const auto n = text->read(head);
  if (!n) return text->reject() ? refused(file, *text->reject()) : n.error();
  head.resize(*n);
  return head;
}

/// The first line that is not blank.
Result<std::string> first_line(const NamedFile& file) {
  MR_TRY(std::string head, head_of(file));
  if (head.starts_with("\xEF\xBB\xBF")) head.erase(0, 3);
  const auto begin = head.find_first_not_of("\r\n");
  if (begin == std::string::npos)
    return Error{
        ErrorKind::contract_violation, fmt::format("{}: found nothing, expected a header", file.object.key), {}, {}};
  const auto end = head.find_first_of("\r\n", begin);
  if (end == std::string::npos && head.size() == lake::csv::BlockReader::kHeadBytes)
    return Error{ErrorKind::contract_violation,
                 fmt::format("{}: the first line does not end within {}, expected a header", file.object.key,
                             bytes_in_words(head.size())),
                 "contract init reads delimited text in UTF-8",
                 {}};
  const std::string line = head.substr(begin, end - begin);
  const bool text = utf8::first_bad_byte(line) == std::string_view::npos &&
                    std::ranges::none_of(line, [](char c) { return static_cast<unsigned char>(c) < 32 && c != '\t'; });
  if (text) return line;
  return Error{ErrorKind::contract_violation,
               fmt::format("{}: the first line is no text, expected a header", file.object.key),
               "contract init reads delimited text in UTF-8",
               {}};
}

struct Header {
  char delimiter = ',';
  std::vector<std::string> names;
};

/// The delimiter that gives the most columns.
Result<Header> read_header(const NamedFile& file) {
  MR_TRY(const std::string line, first_line(file));
  Header best;
  for (const char delimiter : {',', ';', '\t', '|'})
    if (auto names = split(line, delimiter); names.size() > best.names.size()) best = {delimiter, std::move(names)};
  for (std::size_t i = 0; i < best.names.size(); ++i)
    if (best.names[i].empty() || best.names[i].starts_with("_mr_"))
      return Error{ErrorKind::contract_violation,
                   fmt::format("{}: column {} is named \"{}\", expected a name that does not start with _mr_",
                               file.object.key, i + 1, printable(best.names[i], 60)),
                   "give each column a name in the first line",
                   {}};
  return best;
}

/// Everything as text: what it is, the draft finds out.
Contract contract_of_texts(const std::vector<std::string>& names) {
  Contract out;
  for (const std::string& name : names) {
    ColumnContract column;
    column.name = name;
    column.settle();
    out.columns.push_back(std::move(column));
  }
  return out;
}

/// Room for one batch of rows.
class Batch {
 public:
  explicit Batch(std::size_t columns) : cells_(columns * kBatchRows), valid_(columns) {
    for (std::size_t c = 0; c < columns; ++c)
      buffers_.push_back({cells_.data() + c * kBatchRows, valid_[c].data(), false});
  }
  std::vector<ColumnBuffer>& cleared() {
    for (auto& words : valid_) words.fill(~std::uint64_t{0});
    for (ColumnBuffer& buffer : buffers_) buffer.has_nulls = false;
    return buffers_;
  }
  [[nodiscard]] std::string_view text(std::size_t column, std::size_t row) const {
    const bool null = (valid_[column][row / 64] >> (row % 64) & 1U) == 0;
    return null ? std::string_view{} : static_cast<const StringCell*>(buffers_[column].values)[row].view();
  }

 private:
  std::vector<StringCell> cells_;  // the widest there is
  std::vector<std::array<std::uint64_t, kBatchRows / 64>> valid_;
  std::vector<ColumnBuffer> buffers_;
};

Status read_rows(CsvSource& source, ContractDraft& draft) {
  MR_TRY(const auto cursor, source.open());
  Batch batch(source.columns().size());
  while (true) {
    MR_TRY(const std::size_t rows, cursor->next(batch.cleared()));
    if (rows == 0) return ok();
    for (std::size_t c = 0; c < draft.columns().size(); ++c)
      for (std::size_t r = 0; r < rows; ++r) draft.columns()[c].add({batch.text(c, r), false});
  }
}

Status read_file_into(const NamedFile& file, const Header& header, ContractDraft& draft, DraftReport& report) {
  const Contract texts = contract_of_texts(header.names);
  lake::csv::Dialect dialect;
  dialect.delimiter = header.delimiter;
  lake::csv::SourceOptions options;
  options.cursors = 1;
  MR_TRY(auto object, file.store->open(file.object));
  MR_TRY(auto stream, lake::open_stream(std::move(object), {}));
  MR_TRY(auto started, CsvSource::start(std::move(stream), texts, dialect, options));
  if (const auto* reject = std::get_if<FileReject>(&started)) return refused(file, *reject);
  CsvSource& source = *std::get<std::unique_ptr<CsvSource>>(started);
  if (Status read = read_rows(source, draft); !read)
    return source.file_reject() ? refused(file, *source.file_reject()) : std::move(read).error();
  MR_TRY(const lake::FileFacts facts, source.facts());
  report.records += facts.records;
  report.unreadable += facts.rejected;
  if (const auto rejects = source.take_rejects(); !rejects.empty() && report.first_unreadable.empty())
    report.first_unreadable = fmt::format("{}:{}: {}", file.object.key, rejects[0].line, rejects[0].reason);
  return ok();
}

}  // namespace

Result<DraftReport> draft_files(const std::string& name, const std::vector<std::filesystem::path>& files,
                                WallTime now) {
  std::vector<NamedFile> opened;
  std::vector<std::string> keys;
  for (const auto& path : files) {
    MR_TRY(NamedFile file, open_named_file(path));
    keys.push_back(file.object.key);
    opened.push_back(std::move(file));
  }
  MR_TRY(const Header header, read_header(opened.front()));
  for (const NamedFile& file : opened) {
    MR_TRY(const Header other, read_header(file));
    if (other.names != header.names || other.delimiter != header.delimiter)
      return Error{ErrorKind::contract_violation,
                   fmt::format("{} has the columns {}, and {} has {}", file.object.key, join(other.names, ", "),
                               keys.front(), join(header.names, ", ")),
                   "one contract is for files with the same columns",
                   {}};
  }
  ContractDraft draft(name, join(keys, ", "), header.names, now.time_since_epoch().count());
  DraftReport report;
  report.delimiter = header.delimiter;
  for (const NamedFile& file : opened) MR_CHECK(read_file_into(file, header, draft, report));
  report.yaml = draft.yaml();
  return report;
}

}  // namespace millrace::app
