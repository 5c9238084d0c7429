// csv_property CONTRACT: reads CSV files from stdin and tells what the strict reader makes of each, as one line of
// JSON.
//
// In:  batches: a 32-bit number of files, then for each its 32-bit length and its bytes (little endian).
// Out: {"refused": code} or {"rows": [[line, first, length, cell…]…], "rejects": [[line, first, length, code]…],
//      "flagged": n, "facts": {…}}.
// Each file is read with several numbers of threads and sizes of block. Where two of them differ, or where bytes or
// counts do not add up, the answer is {"broken": what}.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <map>
#include <thread>
#include <tuple>

#include "base/json.h"
#include "base/words.h"
#include "contract/contract.h"
#include "lake/csv/csv_source.h"
#include "lake/plain_stream.h"
#include "warehouse/cell_text.h"

namespace millrace {
namespace {

using lake::FileFacts;
using lake::csv::CsvSource;

struct Way {
  std::size_t threads, read_bytes;
};
constexpr std::array<Way, 5> kWays{{{1, 2 << 20}, {2, 2 << 20}, {1, 64}, {2, 200}, {3, 97}}};

/// A file that is held in memory.
class Bytes final : public lake::ObjectReader {
 public:
  explicit Bytes(std::string_view text) : text_(text) {}
  Result<std::size_t> read(std::span<char> into) override {
    const std::size_t n = std::min(into.size(), text_.size() - at_);
    std::memcpy(into.data(), text_.data() + at_, n);
    at_ += n;
    return n;
  }
  Result<std::string> read_range(std::uint64_t offset, std::uint64_t length) override {
    return std::string(text_.substr(offset, length));
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

struct Row {
  std::int64_t line = 0, first = 0, length = 0;
  std::vector<warehouse::Value> cells;
  auto operator<=>(const Row&) const = default;
};

/// What one way of reading makes of a file.
struct Outcome {
  std::string refused;
  std::vector<Row> rows, rejects, flags;  // of rejects and flags the code is the only cell
  FileFacts facts;
};

/// The only place that knows how a source is started.
Result<std::variant<std::unique_ptr<CsvSource>, FileReject>> start(std::string_view file, const Contract& contract,
                                                                   const Way& way) {
  lake::csv::SourceOptions options;
  options.cursors = way.threads;
  options.read_bytes = way.read_bytes;
  options.now = WallTime{std::chrono::seconds{1'795'348'800}};
  return CsvSource::start(lake::plain_stream(std::make_unique<Bytes>(file)), contract, lake::csv::Dialect{}, options);
}

std::size_t width_of(TypeKind kind) {
  switch (kind) {
    case TypeKind::int32:
    case TypeKind::date: return 4;
    case TypeKind::text: return sizeof(StringCell);
    case TypeKind::boolean: return 1;
    default: return 8;
  }
}

/// Room for one batch, used again and again.
class Batch {
 public:
  explicit Batch(std::span<const Column> columns) : columns_(columns.begin(), columns.end()) {
    for (const Column& c : columns_) memory_.emplace_back(kBatchRows * width_of(c.type.kind));
    valid_.resize(columns_.size(), std::vector<std::uint64_t>(kBatchRows / 64));
    buffers_.resize(columns_.size());
  }
  Status drain(RowCursor& cursor, std::vector<Row>& out) {
    while (true) {
      for (std::size_t c = 0; c < columns_.size(); ++c) {
        std::fill(valid_[c].begin(), valid_[c].end(), ~std::uint64_t{0});
        buffers_[c] = {memory_[c].data(), valid_[c].data(), false};
      }
      MR_TRY(const std::size_t rows, cursor.next(buffers_));
      if (rows == 0) return ok();
      for (std::size_t r = 0; r < rows; ++r) out.push_back(row_at(r));
    }
  }

 private:
  Row row_at(std::size_t r) const {
    Row row;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      auto value = warehouse::value_at({columns_[c].type, memory_[c].data(), valid_[c].data()}, r);
      if (columns_[c].name == lake::kLineColumn) {
        row.line = warehouse::to_integer(value);
      } else if (columns_[c].name == lake::kOffsetColumn) {
        row.first = warehouse::to_integer(value);
      } else if (columns_[c].name == lake::kLengthColumn) {
        row.length = warehouse::to_integer(value);
      } else {
        row.cells.push_back(std::move(value));
      }
    }
    return row;
  }
  std::vector<Column> columns_;
  std::vector<std::vector<char>> memory_;
  std::vector<std::vector<std::uint64_t>> valid_;
  std::vector<ColumnBuffer> buffers_;
};

std::vector<Row> told(const std::vector<Reject>& rejects) {
  std::vector<Row> out;
  for (const Reject& r : rejects)
    out.push_back({r.line,
                   static_cast<std::int64_t>(r.byte_offset),
                   static_cast<std::int64_t>(r.byte_length),
                   {std::string(name_of(r.code)), r.column}});
  std::sort(out.begin(), out.end());
  return out;
}

Result<Outcome> read(std::string_view file, const Contract& contract, const Way& way) {
  Outcome out;
  MR_TRY(auto started, start(file, contract, way));
  if (const auto* reject = std::get_if<FileReject>(&started)) {
    out.refused = name_of(reject->code);
    return out;
  }
  CsvSource& source = *std::get<std::unique_ptr<CsvSource>>(started);
  std::vector<std::vector<Row>> rows(way.threads);
  std::vector<Status> ended(way.threads, ok());
  const auto work = [&](std::size_t n) -> Status {
    MR_TRY(const auto cursor, source.open());
    return Batch(source.columns()).drain(*cursor, rows[n]);
  };
  std::vector<std::jthread> threads;
  for (std::size_t n = 1; n < way.threads; ++n) threads.emplace_back([&, n] { ended[n] = work(n); });
  ended[0] = work(0);
  threads.clear();
  if (source.file_reject()) {
    out.refused = name_of(source.file_reject()->code);
    return out;
  }
  for (std::size_t n = 0; n < way.threads; ++n) {
    MR_CHECK(std::move(ended[n]));
    std::move(rows[n].begin(), rows[n].end(), std::back_inserter(out.rows));
  }
  std::sort(out.rows.begin(), out.rows.end());
  out.rejects = told(source.take_rejects());
  out.flags = told(source.take_flags());
  MR_TRY(out.facts, source.facts());
  return out;
}

/// Header, records and blank lines, end to end; "" where nothing is missing and nothing stands twice.
std::string check_tiling(std::string_view file, const Outcome& o) {
  const FileFacts& f = o.facts;
  if (f.bytes != file.size()) return fmt::format("{} bytes were read, the file has {}", f.bytes, file.size());
  if (f.header_bytes + f.record_bytes + f.blank_bytes != f.bytes) return "header, records and blanks do not add up";
  if (f.records != f.loaded + f.rejected) return "records are not rows and rejects";
  if (f.loaded != static_cast<std::int64_t>(o.rows.size())) return "the facts count other rows than came out";
  if (f.rejected != static_cast<std::int64_t>(o.rejects.size())) return "the facts count other rejects than came out";
  std::vector<Row> all = o.rows;
  all.insert(all.end(), o.rejects.begin(), o.rejects.end());
  std::sort(all.begin(), all.end(), [](const Row& a, const Row& b) { return a.first < b.first; });
  std::uint64_t at = f.header_bytes, records = 0;
  for (const Row& r : all) {
    const auto first = static_cast<std::uint64_t>(r.first);
    if (r.length <= 0 || first < at || first + static_cast<std::uint64_t>(r.length) > file.size())
      return fmt::format("the record at byte {} overlaps another, or is empty, or is not in the file", r.first);
    if (file.substr(at, first - at).find_first_not_of("\r\n") != std::string_view::npos)
      return fmt::format("the bytes from {} to {} belong to nothing", at, first);
    at = first + static_cast<std::uint64_t>(r.length);
    records += static_cast<std::uint64_t>(r.length);
  }
  return records == f.record_bytes ? "" : "the records' lengths do not add up";
}

std::string check_equal(const Outcome& a, const Outcome& b) {
  if (a.refused != b.refused) return fmt::format("refused as \"{}\" and as \"{}\"", a.refused, b.refused);
  if (a.rows != b.rows) return fmt::format("{} and {} rows, or other values", a.rows.size(), b.rows.size());
  if (a.rejects != b.rejects) return fmt::format("{} and {} rejects, or others", a.rejects.size(), b.rejects.size());
  if (a.flags != b.flags) return fmt::format("{} and {} flags, or others", a.flags.size(), b.flags.size());
  if (a.facts.sha256 != b.facts.sha256) return "two digests";
  if (a.facts.blank_lines != b.facts.blank_lines || a.facts.warnings != b.facts.warnings) return "other counts";
  return "";
}

void write_rows(json::Writer& w, std::string_view key, const std::vector<Row>& rows) {
  w.key(key).begin_array();
  for (const Row& row : rows) {
    w.begin_array().value(row.line).value(row.first).value(row.length);
    for (const auto& cell : row.cells) {
      if (std::holds_alternative<std::monostate>(cell))
        w.null();
      else
        w.value(warehouse::to_text(cell));
    }
    w.end_array();
  }
  w.end_array();
}

std::string answer(std::string_view file, const Contract& contract) {
  std::vector<Outcome> outcomes;
  json::Writer w;
  std::string broken;
  for (const Way& way : kWays) {
    auto outcome = read(file, contract, way);
    if (!outcome) {
      broken = outcome.error().message;
    } else {
      if (outcome->refused.empty()) broken = check_tiling(file, *outcome);
      if (broken.empty() && !outcomes.empty()) broken = check_equal(outcomes.front(), *outcome);
      outcomes.push_back(*std::move(outcome));
    }
    if (broken.empty()) continue;
    w.begin_object().member("broken",
                            fmt::format("{} threads, reads of {} bytes: {}", way.threads, way.read_bytes, broken));
    w.end_object();
    return w.text();
  }
  const Outcome& o = outcomes.front();
  w.begin_object();
  if (!o.refused.empty()) {
    w.member("refused", o.refused).end_object();
    return w.text();
  }
  write_rows(w, "rows", o.rows);
  write_rows(w, "rejects", o.rejects);
  w.member("flagged", o.facts.flagged).member("blank_lines", o.facts.blank_lines);
  w.member("header_bytes", static_cast<std::int64_t>(o.facts.header_bytes)).end_object();
  return w.text();
}

bool read_exactly(void* into, std::size_t bytes) { return std::fread(into, 1, bytes, stdin) == bytes; }

bool read_number(std::uint32_t& out) { return read_exactly(&out, sizeof out); }

int run(const char* path) {
  const auto contract = load_contract(path);
  if (!contract) {
    fmt::print(stderr, "csv_property: {}\n", contract.error().message);
    return 1;
  }
  for (std::uint32_t files = 0; read_number(files);) {
    std::vector<std::string> batch(files);
    for (std::string& file : batch) {
      std::uint32_t size = 0;
      if (!read_number(size)) return 1;
      file.resize(size);
      if (!read_exactly(file.data(), size)) return 1;
    }
    for (const std::string& file : batch) fmt::print("{}\n", answer(file, *contract));
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace
}  // namespace millrace

int main(int argc, char** argv) {
  if (argc == 2) return millrace::run(argv[1]);
  fmt::print(stderr, "usage: csv_property CONTRACT < batches\n");
  return 2;
}
