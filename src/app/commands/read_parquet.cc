// read-parquet: the child process that turns a Parquet file into text. It is started by ourselves with the
// file as descriptor 3, and gives on stdout: one line with the names of the columns that hold times (see
// lake/parquet/parquet_stream.h), then canonical CSV. Numbers and times stand without quotes, NULL is nothing
// at all, everything else is quoted. Exit code 1: the file cannot be read, stderr says why.
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "app/commands.h"
#include "app/sandbox.h"
#include "app/tell.h"
#include "base/words.h"
#include "lake/parquet/parquet_stream.h"
#include "warehouse/duckdb/parquet_reader.h"

namespace millrace::app {
namespace {

using warehouse::duckdb::ParquetColumn;
using Kind = ParquetColumn::Kind;

constexpr std::uint64_t kEngineMemory = std::uint64_t{1} << 30;
constexpr std::size_t kFlushBytes = 1 << 20;

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

/// Writes the text of the file to stdout, piece by piece.
class Output {
 public:
  Status columns(std::span<const ParquetColumn> columns) {
    std::string times;
    for (const ParquetColumn& c : columns) {
      if (c.name.find_first_of("\n\r\x1f") != std::string::npos)
        return Error{ErrorKind::contract_violation,
                     fmt::format("the name of column \"{}\" holds a control character", printable(c.name)),
                     {},
                     {}};
      quoted_.push_back(c.kind == Kind::text);
      if (c.kind == Kind::time) times += (times.empty() ? "" : "\x1f") + c.name;
    }
    // One column alone: a line end cannot say NULL, and a delimiter in front of it can.
    end_ = columns.size() == 1 ? ",\n" : "\n";
    text_ = times + "\n";
    for (std::size_t c = 0; c < columns.size(); ++c) {
      if (c > 0) text_ += ',';
      append_quoted(text_, columns[c].name);
    }
    text_ += end_;
    return ok();
  }

  Status rows(std::span<const ColumnView> columns, std::size_t rows) {
    for (std::size_t r = 0; r < rows; ++r) {
      for (std::size_t c = 0; c < columns.size(); ++c) {
        if (c > 0) text_ += ',';
        if (columns[c].is_null(r)) continue;
        const auto cell = columns[c].at<StringCell>(r);
        if (quoted_[c])
          append_quoted(text_, cell.view());
        else
          text_ += cell.view();
      }
      text_ += end_;
      if (text_.size() >= kFlushBytes) MR_CHECK(flush());
    }
    return ok();
  }

  Status flush() {
    for (std::size_t done = 0; done < text_.size();) {
      const ssize_t n = ::write(STDOUT_FILENO, text_.data() + done, text_.size() - done);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return Error{ErrorKind::unavailable, fmt::format("writing: {}", std::strerror(errno)), {}, {}};
      done += static_cast<std::size_t>(n);
    }
    text_.clear();
    return ok();
  }

 private:
  std::vector<bool> quoted_;
  std::string_view end_;
  std::string text_;
};

Status read(int parent) {
  constexpr int kFile = lake::parquet::kFileDescriptor;
  MR_CHECK(enter_sandbox(parent, kFile, {}));
  Output output;
  MR_CHECK(warehouse::duckdb::read_parquet(
      fmt::format("/proc/self/fd/{}", kFile), kEngineMemory,
      {[&](std::span<const ParquetColumn> columns) { return output.columns(columns); },
       [&](std::span<const ColumnView> columns, std::size_t rows) { return output.rows(columns, rows); }}));
  return output.flush();
}

}  // namespace

int run_read_parquet(int parent) {
  const Status done = read(parent);
  if (done) return 0;
  const std::string& message = done.error().message;
  tell(stderr, "{}\n", printable(message.substr(0, message.find('\n')), 400));
  return 1;
}

}  // namespace millrace::app
